// Made by generate.sh: numbers of the Linux ABI, up to Linux 6.18. Do not edit.
export default `\
0 syscall exit fork read write open close waitpid creat link \
10 unlink execve chdir time mknod chmod lchown break \
19 lseek \
20 getpid mount umount setuid getuid stime ptrace alarm \
29 pause \
30 utime stty gtty access nice ftime sync kill rename mkdir \
40 rmdir dup pipe times prof brk setgid getgid signal geteuid \
50 getegid acct umount2 lock ioctl fcntl mpx setpgid ulimit \
60 umask chroot ustat dup2 getppid getpgrp setsid sigaction sgetmask ssetmask \
70 setreuid setregid sigsuspend sigpending sethostname setrlimit getrlimit getrusage gettimeofday settimeofday \
80 getgroups setgroups \
83 symlink \
85 readlink uselib swapon reboot readdir \
90 mmap munmap truncate ftruncate fchmod fchown getpriority setpriority profil statfs \
100 fstatfs ioperm socketcall syslog setitimer getitimer stat lstat fstat \
110 iopl vhangup idle vm86 wait4 swapoff sysinfo ipc fsync sigreturn \
120 clone setdomainname uname modify_ldt adjtimex mprotect sigprocmask create_module init_module delete_module \
130 get_kernel_syms quotactl getpgid fchdir bdflush sysfs personality afs_syscall setfsuid setfsgid \
140 _llseek getdents _newselect flock msync readv writev cacheflush cachectl sysmips \
151 getsid fdatasync _sysctl mlock munlock mlockall munlockall sched_setparam sched_getparam \
160 sched_setscheduler sched_getscheduler sched_yield sched_get_priority_max sched_get_priority_min sched_rr_get_interval nanosleep mremap accept bind \
170 connect getpeername getsockname getsockopt listen recv recvfrom recvmsg send sendmsg \
180 sendto setsockopt shutdown socket socketpair setresuid getresuid query_module poll nfsservctl \
190 setresgid getresgid prctl rt_sigreturn rt_sigaction rt_sigprocmask rt_sigpending rt_sigtimedwait rt_sigqueueinfo rt_sigsuspend \
200 pread64 pwrite64 chown getcwd capget capset sigaltstack sendfile getpmsg putpmsg \
210 mmap2 truncate64 ftruncate64 stat64 lstat64 fstat64 pivot_root mincore madvise getdents64 \
220 fcntl64 \
222 gettid readahead setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr \
230 listxattr llistxattr flistxattr removexattr lremovexattr fremovexattr tkill sendfile64 futex sched_setaffinity \
240 sched_getaffinity io_setup io_destroy io_getevents io_submit io_cancel exit_group lookup_dcookie epoll_create epoll_ctl \
250 epoll_wait remap_file_pages set_tid_address restart_syscall fadvise64 statfs64 fstatfs64 timer_create timer_settime timer_gettime \
260 timer_getoverrun timer_delete clock_settime clock_gettime clock_getres clock_nanosleep tgkill utimes mbind get_mempolicy \
270 set_mempolicy mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr vserver waitid \
280 add_key request_key keyctl set_thread_area inotify_init inotify_add_watch inotify_rm_watch migrate_pages openat mkdirat \
290 mknodat fchownat futimesat fstatat64 unlinkat renameat linkat symlinkat readlinkat fchmodat \
300 faccessat pselect6 ppoll unshare splice sync_file_range tee vmsplice move_pages set_robust_list \
310 get_robust_list kexec_load getcpu epoll_pwait ioprio_set ioprio_get utimensat signalfd timerfd eventfd \
320 fallocate timerfd_create timerfd_gettime timerfd_settime signalfd4 eventfd2 epoll_create1 dup3 pipe2 inotify_init1 \
330 preadv pwritev rt_tgsigqueueinfo perf_event_open accept4 recvmmsg fanotify_init fanotify_mark prlimit64 name_to_handle_at \
340 open_by_handle_at clock_adjtime syncfs sendmmsg setns process_vm_readv process_vm_writev kcmp finit_module sched_setattr \
350 sched_getattr renameat2 seccomp getrandom memfd_create bpf execveat userfaultfd membarrier mlock2 \
360 copy_file_range preadv2 pwritev2 pkey_mprotect pkey_alloc pkey_free statx rseq io_pgetevents \
393 semget semctl shmget shmctl shmat shmdt msgget \
400 msgsnd msgrcv msgctl clock_gettime64 clock_settime64 clock_adjtime64 clock_getres_time64 clock_nanosleep_time64 timer_gettime64 timer_settime64 \
410 timerfd_gettime64 timerfd_settime64 utimensat_time64 pselect6_time64 ppoll_time64 \
416 io_pgetevents_time64 recvmmsg_time64 mq_timedsend_time64 mq_timedreceive_time64 \
420 semtimedop_time64 rt_sigtimedwait_time64 futex_time64 sched_rr_get_interval_time64 pidfd_send_signal io_uring_setup io_uring_enter io_uring_register open_tree move_mount \
430 fsopen fsconfig fsmount fspick pidfd_open clone3 close_range openat2 pidfd_getfd faccessat2 \
440 process_madvise epoll_pwait2 mount_setattr quotactl_fd landlock_create_ruleset landlock_add_rule landlock_restrict_self \
448 process_mrelease futex_waitv \
450 set_mempolicy_home_node cachestat fchmodat2 map_shadow_stack futex_wake futex_wait futex_requeue statmount listmount lsm_get_self_attr \
460 lsm_set_self_attr lsm_list_modules mseal setxattrat getxattrat listxattrat removexattrat open_tree_attr file_getattr file_setattr`;
