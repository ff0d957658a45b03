"""Loads a filter (standard input) into this process and makes the system calls given as "number:arg,arg" words.

Prints a line for each: the errno, or 0. For ../kernel.test.ts.
"""
import ctypes
import sys

PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
PR_SET_NO_NEW_PRIVS = 38


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


libc = ctypes.CDLL(None, use_errno=True)
code = sys.stdin.buffer.read()
program = Program(len(code) // 8, code)
no_new_privileges = libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
if not no_new_privileges or libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program)) != 0:
    sys.exit(f"the kernel refuses the filter: errno {ctypes.get_errno()}")
for word in sys.argv[1:]:
    number, _, args = word.partition(":")
    ctypes.set_errno(0)
    values = [ctypes.c_long(int(arg, 0)) for arg in args.split(",") if arg]
    libc.syscall(ctypes.c_long(int(number)), *values)
    print(ctypes.get_errno())
