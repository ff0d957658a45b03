/**
 * The calls that some architectures also (or only) offer through one system call with the real call's number as its
 * first argument: socketcall(2), numbers of <linux/net.h>, and ipc(2), numbers of <linux/ipc.h>. An architecture has
 * them when its table has a `socketcall` or an `ipc`.
 */
export interface Multiplexed {
  readonly by: "socketcall" | "ipc";
  /** The value of the multiplexer's first argument. */
  readonly call: number;
}

const SOCKETCALL = {
  socket: 1,
  bind: 2,
  connect: 3,
  listen: 4,
  accept: 5,
  getsockname: 6,
  getpeername: 7,
  socketpair: 8,
  send: 9,
  recv: 10,
  sendto: 11,
  recvfrom: 12,
  shutdown: 13,
  setsockopt: 14,
  getsockopt: 15,
  sendmsg: 16,
  recvmsg: 17,
  accept4: 18,
  recvmmsg: 19,
  sendmmsg: 20,
} as const;

const IPC = {
  semop: 1,
  semget: 2,
  semctl: 3,
  semtimedop: 4,
  msgsnd: 11,
  msgrcv: 12,
  msgget: 13,
  msgctl: 14,
  shmat: 21,
  shmdt: 22,
  shmget: 23,
  shmctl: 24,
} as const;

export const MULTIPLEXED: ReadonlyMap<string, Multiplexed> = new Map<string, Multiplexed>([
  ...Object.entries(SOCKETCALL).map(([name, call]): [string, Multiplexed] => [name, { by: "socketcall", call }]),
  ...Object.entries(IPC).map(([name, call]): [string, Multiplexed] => [name, { by: "ipc", call }]),
]);
