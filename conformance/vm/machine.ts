/** One run of the machine: qemu, and virtiofsd which hands it this machine's files. */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { root } from "../../src/build/generate.ts";
import { makeInitramfs } from "./initramfs.ts";
import type { Kernel } from "./kernel.ts";

const VIEW = fileURLToPath(new URL("view", import.meta.url));
/** Written sparsely: the disk is as large as what the tests leave on it. */
const DISK_BYTES = 8 * 2 ** 30;

export interface Machine {
  readonly kernel: Kernel;
  /** Of the run alone; the caller removes it. */
  readonly directory: string;
  /** A shell script that the machine runs as root, in the repository. */
  readonly command: string;
  readonly accelerator: Accelerator;
  readonly cpus: number;
  readonly mebibytes: number;
  /** systemd is the first process, and the command a service of it. */
  readonly systemd: boolean;
  /** Standard input and output are the machine's serial line. */
  readonly interactive: boolean;
}

export type Accelerator = "kvm" | "tcg";

/** A /dev/kvm on a processor without hardware virtualization can't run ordinary kernels. */
export function accelerator(): Accelerator {
  const hardware = /^flags\s*:.* (vmx|svm)( |$)/m.test(readFileSync("/proc/cpuinfo", "utf8"));
  return hardware && existsSync("/dev/kvm") ? "kvm" : "tcg";
}

/** Where the command finds and leaves files: the machine's /mnt/out. */
export function outputOf(directory: string): string {
  return join(directory, "out");
}

/** Boots, runs the command, and returns when the machine is off. The serial line's text is `console` beside `out`. */
export async function runMachine(machine: Machine): Promise<void> {
  const { directory, kernel } = machine;
  const out = outputOf(directory);
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, "command"), machine.command);
  const disk = join(directory, "disk");
  closeSync(openSync(disk, "w"));
  await execa("truncate", ["--size", String(DISK_BYTES), disk]);
  const initramfs = await makeInitramfs(kernel, directory);
  const socket = join(directory, "files.sock");
  // Both end when this process does, however that happens.
  const guarded = (command: readonly string[]) => ["--pdeathsig", "KILL", "--", ...command];
  const share = ["unshare", "--mount", "--propagation", "private", VIEW, socket, root, kernel.directory, out];
  const files = execa("setpriv", guarded(share), { reject: false, stdin: "ignore", all: true });
  try {
    await Promise.race([
      appears(socket),
      files.then(({ all }) => Promise.reject(new Error(`virtiofsd ended: ${all}`))),
    ]);
    const qemu = ["qemu-system-x86_64", ...qemuArguments(machine, { disk, initramfs, socket })];
    const console = machine.interactive ? "inherit" : { file: join(directory, "console") };
    const stdin = machine.interactive ? "inherit" : "ignore";
    await execa("setpriv", guarded(qemu), { stdin, stdout: console, stderr: console });
  } finally {
    files.kill();
    await files;
  }
}

interface Parts {
  readonly disk: string;
  readonly initramfs: string;
  readonly socket: string;
}

function qemuArguments(machine: Machine, { disk, initramfs, socket }: Parts): string[] {
  const { kernel, mebibytes, cpus } = machine;
  const tcg = machine.accelerator === "tcg";
  return [
    ...["-machine", "q35", "-accel", tcg ? "tcg,thread=multi,tb-size=1024" : "kvm", "-cpu", tcg ? "max" : "host"],
    ...["-smp", String(cpus), "-m", `${mebibytes}M`],
    // virtiofsd maps the machine's memory.
    ...["-object", `memory-backend-memfd,id=memory,size=${mebibytes}M,share=on`, "-numa", "node,memdev=memory"],
    ...["-no-user-config", "-nodefaults", "-no-reboot", "-display", "none"],
    ...["-serial", machine.interactive ? "mon:stdio" : "stdio"],
    ...["-chardev", `socket,id=files,path=${socket}`, "-device", "vhost-user-fs-pci,chardev=files,tag=files"],
    ...["-drive", `file=${disk},format=raw,if=none,id=disk,cache=unsafe,discard=unmap`],
    ...["-device", "virtio-blk-pci,drive=disk"],
    ...["-kernel", kernel.image, "-initrd", initramfs],
    ...["-append", `console=ttyS0 quiet panic=-1 mitigations=off${machine.systemd ? " systemd.unit=vm.service" : ""}`],
  ];
}

async function appears(path: string): Promise<void> {
  while (!existsSync(path)) await new Promise((resolve) => setTimeout(resolve, 20));
}
