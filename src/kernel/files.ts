/** Flags of open(2) (the values shared by every Linux architecture that tsoci builds for) and file types of mknod(2). */

export const OPEN_FLAGS = {
  O_RDONLY: 0,
  O_WRONLY: 0o1,
  O_RDWR: 0o2,
  O_NONBLOCK: 0o4000,
  O_CLOEXEC: 0o2000000,
  O_PATH: 0o10000000,
} as const;

export const NODE_TYPES = {
  character: 0o020000,
  block: 0o060000,
  fifo: 0o010000,
} as const;

export type NodeType = keyof typeof NODE_TYPES;

/** socket(2) */
export const SOCKET_TYPES = { SOCK_DGRAM: 2, SOCK_SEQPACKET: 5 } as const;
