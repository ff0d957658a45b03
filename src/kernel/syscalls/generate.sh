#!/usr/bin/env bash
# Makes tables/*.ts: the system calls of every architecture that the specification lists, by number.
#
#   bash src/kernel/syscalls/generate.sh [FOLDER]
#
# The facts come from the kernel's user headers: Debian's linux-libc-dev-*-cross packages (Linux 6.1 in Debian 12),
# unpacked below FOLDER (a temporary one by default; nothing is installed). Needs apt-get, dpkg and a C preprocessor.
# Run `apt-get update` first. System calls of later kernels, up to 6.18, are listed in `later` below.
#
# A table holds numbers without the offset that the ABI adds to all of them (MIPS: 4000, 5000, 6000; x32: bit 30):
# the offset stands in src/kernel/seccomp.ts. ARM's private calls are the __ARM_NR_* at 0xf0000.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
work=$(realpath -m "${1:-$(mktemp -d)}")
mkdir -p "$work/deb" "$work/root" "$here/tables"

# table | Debian's name | triplet (folder below /usr) | header | macros of the compiler that the header asks for
architectures='
x86          i386     i686-linux-gnu          asm/unistd_32.h
x86_64       amd64    x86_64-linux-gnu        asm/unistd_64.h
x32          x32      x86_64-linux-gnux32     asm/unistd_x32.h   -D__X32_SYSCALL_BIT=0
arm          armhf    arm-linux-gnueabihf     asm/unistd.h       -D__ARM_EABI__
aarch64      arm64    aarch64-linux-gnu       asm/unistd.h       -D__LP64__ -D__SIZEOF_POINTER__=8
mips         mips     mips-linux-gnu          asm/unistd_o32.h   -D__NR_Linux=0
mips64       mips64   mips64-linux-gnuabi64   asm/unistd_n64.h   -D__NR_Linux=0
mips64n32    mipsn32  mips64-linux-gnuabin32  asm/unistd_n32.h   -D__NR_Linux=0
ppc          powerpc  powerpc-linux-gnu       asm/unistd_32.h
ppc64        ppc64    powerpc64-linux-gnu     asm/unistd_64.h
s390         s390x    s390x-linux-gnu         asm/unistd_32.h
s390x        s390x    s390x-linux-gnu         asm/unistd_64.h
parisc       hppa     hppa-linux-gnu          asm/unistd_32.h
parisc64     hppa     hppa-linux-gnu          asm/unistd_64.h
riscv64      riscv64  riscv64-linux-gnu       asm/unistd.h       -D__LP64__ -D__SIZEOF_POINTER__=8
loongarch64  arm64    aarch64-linux-gnu       asm-generic/unistd.h -D__ARCH_WANT_SYS_CLONE -D__ARCH_WANT_SYS_CLONE3
m68k         m68k     m68k-linux-gnu          asm/unistd_32.h
sh           sh4      sh4-linux-gnu           asm/unistd_32.h
'

# Added after 6.1. Since 5.1 (number 424) a new system call has one number on all architectures.
later='
* 451 cachestat
* 452 fchmodat2
* 453 map_shadow_stack
* 454 futex_wake
* 455 futex_wait
* 456 futex_requeue
* 457 statmount
* 458 listmount
* 459 lsm_get_self_attr
* 460 lsm_set_self_attr
* 461 lsm_list_modules
* 462 mseal
* 463 setxattrat
* 464 getxattrat
* 465 listxattrat
* 466 removexattrat
* 467 open_tree_attr
* 468 file_getattr
* 469 file_setattr
x86_64 335 uretprobe
x86_64 336 uprobe
x32 335 uretprobe
x32 336 uprobe
s390 447 memfd_secret
s390x 447 memfd_secret
riscv64 258 riscv_hwprobe
parisc 356 cacheflush
parisc64 356 cacheflush
loongarch64 79 newfstatat
loongarch64 80 fstat
'

# Prints "number name" of one header. The preprocessor lists the macros, then expands each; the shell does the sum.
numbers() { # folder of headers, header, macros…
  local include=$1 header=$2
  shift 2
  printf '#include <%s>\n' "$header" | cpp -nostdinc -P -undef -I "$include" "$@" -dM |
    grep -oE '^#define (__NR|__ARM_NR)_[a-z0-9_]+ ' | awk '{ print $2 }' |
    grep -vE '^(__NR_(syscalls|arch_specific_syscall|unused[0-9]*|reserved[0-9]+)|__ARM_NR_cmpxchg)$' |
    { printf '#include <%s>\n' "$header"; sed -E 's/^__(ARM_)?NR_(.*)$/CALL \2_ = &/'; } |
    cpp -nostdinc -P -undef -I "$include" "$@" - | awk '$1 == "CALL"' |
    while read -r _ name _ value; do echo "$((value)) ${name%_}"; done
}

# Folds sorted "number name" lines: a line starts with its first number, and a new line with each multiple of ten. The
# backslash hides the end of the line from JavaScript, so that the text has single spaces only.
fold() {
  awk '{ if (NR == 1 || $1 != last + 1 || $1 % 10 == 0) printf "%s%d", (NR == 1 ? "" : " \\\n"), $1
         printf " %s", $2
         last = $1 }
       END { print "`;" }'
}

while read -r table package triplet header macros; do
  [ -n "$table" ] || continue
  if ! compgen -G "$work/deb/linux-libc-dev-$package-cross_*.deb" >/dev/null; then
    (cd "$work/deb" && apt-get download -qq "linux-libc-dev-$package-cross" 2>/dev/null)
    dpkg -x "$work"/deb/linux-libc-dev-"$package"-cross_*.deb "$work/root"
  fi
  {
    echo "// Made by generate.sh: numbers of the Linux ABI, up to Linux 6.18. Do not edit."
    echo 'export default `\'
    {
      # shellcheck disable=SC2086 # the macros are words
      numbers "$work/root/usr/$triplet/include" "$header" $macros
      awk -v table="$table" '$1 == "*" || $1 == table { print $2, $3 }' <<<"$later"
    } | sort -k1,1n -k2,2 -u | fold
  } >"$here/tables/$table.ts"
done <<<"$architectures"
