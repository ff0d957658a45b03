/** Signals of signal(7): the numbers of x86, ARM and most other architectures. */

export const SIGNALS = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGIOT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGSTKFLT: 16,
  SIGCHLD: 17,
  SIGCLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGTSTP: 20,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGURG: 23,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGVTALRM: 26,
  SIGPROF: 27,
  SIGWINCH: 28,
  SIGIO: 29,
  SIGPOLL: 29,
  SIGPWR: 30,
  SIGSYS: 31,
  SIGRTMIN: 34,
  SIGRTMAX: 64,
} as const;

const LAST_SIGNAL = 64;

/**
 * Reads the signal argument of `kill`: a number, or a name in any case, with or without "SIG", RTMIN+n and RTMAX-n
 * included. Returns undefined for anything else. 0 is allowed: it only asks whether the process is there (kill(2)).
 */
export function parseSignal(text: string): number | undefined {
  if (/^\d+$/.test(text)) {
    const value = Number(text);
    return value <= LAST_SIGNAL ? value : undefined;
  }
  const upper = text.toUpperCase();
  const name = upper.startsWith("SIG") ? upper : `SIG${upper}`;
  if (Object.hasOwn(SIGNALS, name)) return SIGNALS[name as keyof typeof SIGNALS];
  const realtime = /^SIG(?:RTMIN\+(\d+)|RTMAX-(\d+))$/.exec(name);
  if (!realtime) return undefined;
  const value =
    realtime[1] === undefined ? SIGNALS.SIGRTMAX - Number(realtime[2]) : SIGNALS.SIGRTMIN + Number(realtime[1]);
  return value >= SIGNALS.SIGRTMIN && value <= SIGNALS.SIGRTMAX ? value : undefined;
}
