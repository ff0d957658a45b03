// Made by generate.sh: numbers of the Linux ABI, up to Linux 6.18. Do not edit.
export default `\
0 read write open close stat fstat lstat poll lseek mmap \
10 mprotect munmap brk rt_sigaction rt_sigprocmask ioctl pread64 pwrite64 readv writev \
20 access pipe _newselect sched_yield mremap msync mincore madvise shmget shmat \
30 shmctl dup dup2 pause nanosleep getitimer setitimer alarm getpid sendfile \
40 socket connect accept sendto recvfrom sendmsg recvmsg shutdown bind listen \
50 getsockname getpeername socketpair setsockopt getsockopt clone fork execve exit wait4 \
60 kill uname semget semop semctl shmdt msgget msgsnd msgrcv msgctl \
70 fcntl flock fsync fdatasync truncate ftruncate getdents getcwd chdir fchdir \
80 rename mkdir rmdir creat link unlink symlink readlink chmod fchmod \
90 chown fchown lchown umask gettimeofday getrlimit getrusage sysinfo times ptrace \
100 getuid syslog getgid setuid setgid geteuid getegid setpgid getppid getpgrp \
110 setsid setreuid setregid getgroups setgroups setresuid getresuid setresgid getresgid getpgid \
120 setfsuid setfsgid getsid capget capset rt_sigpending rt_sigtimedwait rt_sigqueueinfo rt_sigsuspend sigaltstack \
130 utime mknod personality ustat statfs fstatfs sysfs getpriority setpriority sched_setparam \
140 sched_getparam sched_setscheduler sched_getscheduler sched_get_priority_max sched_get_priority_min sched_rr_get_interval mlock munlock mlockall munlockall \
150 vhangup pivot_root _sysctl prctl adjtimex setrlimit chroot sync acct settimeofday \
160 mount umount2 swapon swapoff reboot sethostname setdomainname create_module init_module delete_module \
170 get_kernel_syms query_module quotactl nfsservctl getpmsg putpmsg afs_syscall \
178 gettid readahead \
180 setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr removexattr \
190 lremovexattr fremovexattr tkill \
194 futex sched_setaffinity sched_getaffinity cacheflush cachectl sysmips \
200 io_setup io_destroy io_getevents io_submit io_cancel exit_group lookup_dcookie epoll_create epoll_ctl epoll_wait \
210 remap_file_pages rt_sigreturn fcntl64 set_tid_address restart_syscall semtimedop fadvise64 statfs64 fstatfs64 sendfile64 \
220 timer_create timer_settime timer_gettime timer_getoverrun timer_delete clock_settime clock_gettime clock_getres clock_nanosleep tgkill \
230 utimes mbind get_mempolicy set_mempolicy mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr \
240 vserver waitid \
243 add_key request_key keyctl set_thread_area inotify_init inotify_add_watch inotify_rm_watch \
250 migrate_pages openat mkdirat mknodat fchownat futimesat newfstatat unlinkat renameat linkat \
260 symlinkat readlinkat fchmodat faccessat pselect6 ppoll unshare splice sync_file_range tee \
270 vmsplice move_pages set_robust_list get_robust_list kexec_load getcpu epoll_pwait ioprio_set ioprio_get utimensat \
280 signalfd timerfd eventfd fallocate timerfd_create timerfd_gettime timerfd_settime signalfd4 eventfd2 epoll_create1 \
290 dup3 pipe2 inotify_init1 preadv pwritev rt_tgsigqueueinfo perf_event_open accept4 recvmmsg getdents64 \
300 fanotify_init fanotify_mark prlimit64 name_to_handle_at open_by_handle_at clock_adjtime syncfs sendmmsg setns process_vm_readv \
310 process_vm_writev kcmp finit_module sched_setattr sched_getattr renameat2 seccomp getrandom memfd_create bpf \
320 execveat userfaultfd membarrier mlock2 copy_file_range preadv2 pwritev2 pkey_mprotect pkey_alloc pkey_free \
330 statx rseq io_pgetevents \
403 clock_gettime64 clock_settime64 clock_adjtime64 clock_getres_time64 clock_nanosleep_time64 timer_gettime64 timer_settime64 \
410 timerfd_gettime64 timerfd_settime64 utimensat_time64 pselect6_time64 ppoll_time64 \
416 io_pgetevents_time64 recvmmsg_time64 mq_timedsend_time64 mq_timedreceive_time64 \
420 semtimedop_time64 rt_sigtimedwait_time64 futex_time64 sched_rr_get_interval_time64 pidfd_send_signal io_uring_setup io_uring_enter io_uring_register open_tree move_mount \
430 fsopen fsconfig fsmount fspick pidfd_open clone3 close_range openat2 pidfd_getfd faccessat2 \
440 process_madvise epoll_pwait2 mount_setattr quotactl_fd landlock_create_ruleset landlock_add_rule landlock_restrict_self \
448 process_mrelease futex_waitv \
450 set_mempolicy_home_node cachestat fchmodat2 map_shadow_stack futex_wake futex_wait futex_requeue statmount listmount lsm_get_self_attr \
460 lsm_set_self_attr lsm_list_modules mseal setxattrat getxattrat listxattrat removexattrat open_tree_attr file_getattr file_setattr`;
