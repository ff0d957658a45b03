/** What the systemd driver takes, and what later commands must know of a container's unit. */

export interface Unit {
  /** "docker-x.scope" */
  readonly name: string;
  /** "system.slice" */
  readonly slice: string;
  /** The cgroup below the manager's own: "/system.slice/docker-x.scope". */
  readonly path: string;
  /** The three parts, as runc records them. */
  readonly parts: { readonly parent: string; readonly prefix: string; readonly name: string };
}

/** What it takes to talk to it, also for commands that come later with another environment. */
export interface Manager {
  readonly scope: "--system" | "--user";
  readonly busctl: string;
  readonly systemctl: string;
  /** Environment of both programs. */
  readonly env: readonly string[];
}

/** What the caller's environment says about the bus of a user. */
export interface SessionBus {
  /** DBUS_SESSION_BUS_ADDRESS */
  readonly address?: string | undefined;
  /** XDG_RUNTIME_DIR */
  readonly runtimeDirectory?: string | undefined;
}

/** `--systemd-cgroup` */
export interface SystemdRequest {
  /** Of config.json: properties of the unit may be among them. */
  readonly annotations: Readonly<Record<string, string>> | undefined;
  readonly session: SessionBus;
}

/** The unit of a container, and how commands that come later reach it. */
export interface ManagedUnit {
  readonly unit: Unit;
  readonly manager: Manager;
}
