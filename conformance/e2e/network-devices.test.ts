/** linux.netDevices (config-linux.md, "Network Devices"). The runtime itself runs in a network namespace made for the test. */
import { existsSync, readFileSync } from "node:fs";
import { type Box, baseConfig, type Config, e2e, merge, namespaces, refused, script, succeeded } from "../harness.ts";

/** Runs tsoci in a new network namespace with these devices, and says afterwards which are left there. */
const within = (commands: string) => ({
  through: [
    "unshare",
    "--net",
    "sh",
    "-c",
    `set -e; ${commands}; set +e; "$0" "$@"; code=$?; ip -o link | cut -d: -f2 | tr -d '\\n'; exit $code`,
  ],
});

const hasIPv6 = existsSync("/proc/net/if_inet6");
const DEVICE = "ip tuntap add tst0 mode tap; ip link set tst0 mtu 1300 address 02:00:00:00:00:07";
const ADDRESSES = [
  "ip addr add 10.1.2.3/24 brd 10.1.2.255 dev tst0",
  "ip addr add 10.1.2.4/24 dev tst0 label tst0:two",
  "ip addr add 10.9.9.9/32 scope link dev tst0",
  "ip addr add 10.8.8.8/32 valid_lft 600 preferred_lft 600 dev tst0",
  ...(hasIPv6 ? ["ip addr add 2001:db8::7/64 dev tst0 nodad"] : []),
].join("; ");

const SHOW = "ip -o link; ip -o addr";
const devices = (netDevices: Config, text = SHOW): Config => script(text, { linux: { netDevices } });

const USER_NAMESPACE: Config = {
  linux: {
    namespaces: ["user", "mount", "pid", "network", "ipc", "uts"].map((type) => ({ type })),
    uidMappings: [{ containerID: 0, hostID: 100000, size: 65536 }],
    gidMappings: [{ containerID: 0, hostID: 100000, size: 65536 }],
  },
};

async function shown(box: Box, config: Config, commands: string): Promise<string> {
  const { code, stdout, stderr } = await box.container(config).run([], within(commands));
  return code === 0 && stderr === "" ? stdout : `exit ${code}: ${stdout}${stderr}`;
}

e2e("a device moves with its attributes and permanent global addresses, and is up", async (t, box) => {
  for (const change of [{}, USER_NAMESPACE]) {
    const text = await shown(box, merge(devices({ tst0: {} }), change), `${DEVICE}; ${ADDRESSES}`);
    t.match(text, /: tst0: <[^>]*\bUP\b[^>]*> mtu 1300 .*link\/ether 02:00:00:00:00:07/);
    t.match(text, /tst0 +inet 10\.1\.2\.3\/24 brd 10\.1\.2\.255 scope global tst0\b(?!:)/);
    t.match(text, /tst0 +inet 10\.1\.2\.4\/24 scope global secondary tst0:two\b/);
    if (hasIPv6) t.match(text, /tst0 +inet6 2001:db8::7\/64 scope global/);
    t.notMatch(text, /10\.9\.9\.9/, "scope link");
    t.notMatch(text, /10\.8\.8\.8/, "not permanent");
    t.match(text, / lo$/, "nothing but lo is left where it came from");
  }
});

e2e("names: another one, and the first free one of a template", async (t, box) => {
  const named = await shown(box, devices({ tst0: { name: "eth0" } }), `${DEVICE}; ${ADDRESSES}`);
  t.match(named, /: eth0: <[^>]*\bUP\b/);
  t.match(named, /eth0 +inet 10\.1\.2\.3\/24 .*scope global eth0\b(?!:)/, "the label follows the name");
  const two = `${DEVICE}; ip tuntap add tst1 mode tap`;
  const free = await shown(box, devices({ tst0: { name: "eth%d" }, tst1: { name: "eth%d" } }), two);
  t.match(free, /: eth0: <.*02:00:00:00:00:07/);
  t.match(free, /: eth1: </);
});

e2e("hooks and sysctls find the device, and settings follow it", async (t, box) => {
  const log = box.path("log");
  const createRuntime = [
    {
      path: "/bin/sh",
      args: [
        "sh",
        "-c",
        `nsenter -t $(sed 's/.*"pid":\\([0-9]*\\).*/\\1/') -n ip -o link > ${log}; ip -o link >> ${log}`,
      ],
    },
  ];
  const change = { hooks: { createRuntime }, linux: { sysctl: { "net.ipv4.conf.tst0.forwarding": "1" } } };
  const config = merge(devices({ tst0: {} }, "cat /proc/sys/net/ipv4/conf/tst0/forwarding"), change);
  t.match(await shown(box, config, DEVICE), /^1\n/);
  const lines = readFileSync(log, "utf8").split("\n");
  t.equal(lines.filter((line) => line.includes("tst0")).length, 1, "in the container, and not where the hook runs");
});

e2e("what can't be moved names the entry, and stays where it is", async (t, box) => {
  const bad = async (
    netDevices: Config,
    commands: string,
    message: string | RegExp,
    left: RegExp,
    change: Config = {},
  ) => {
    const outcome = await box.container(merge(devices(netDevices), change)).run([], within(commands));
    refused(t, outcome, message, JSON.stringify(netDevices));
    t.match(outcome.stdout, left);
  };
  const at = "run failed: /linux/netDevices";
  await bad({ nope0: {} }, "true", `${at}/nope0: move the network device nope0: no such device`, /^ lo$/);
  await bad(
    { tst0: { name: "lo" } },
    DEVICE,
    `${at}/tst0: move the network device tst0 as lo: the container has a network device lo: file exists`,
    /tst0/,
  );
  await bad(
    { lo: { name: "lo1" } },
    "true",
    /^run failed: \/linux\/netDevices\/lo: move the network device lo as lo1: /,
    / lo$/,
  );
  await bad(
    { tst0: {} },
    DEVICE,
    `${at}: unable to move network devices without a private network namespace`,
    /tst0/,
    namespaces("pid", "mount", "ipc", "uts"),
  );
  const mounts = { mounts: [{ destination: "/x", source: box.path("missing"), options: ["bind"] }] };
  await bad({ tst0: {} }, DEVICE, /^run failed: \/mounts\/0: /, /tst0/, mounts);
});

e2e("many addresses", async (t, box) => {
  const commands = `${DEVICE}; for i in $(seq 1 200); do echo "addr add 10.2.0.$i/16 dev tst0"; done | ip -batch -`;
  const text = await shown(box, devices({ tst0: {} }, "ip -o addr show dev tst0 | grep -c 'inet 10.2.0'"), commands);
  t.match(text, /^200\n/);
});

e2e("a container without a process", async (t, box) => {
  const c = box.container(merge(baseConfig({ process: undefined }), { linux: { netDevices: { tst0: {} } } }));
  const { code, stdout } = await c.create([], within(DEVICE));
  t.equal(code, 0);
  t.match(stdout, / lo$/);
  const outcome = await c.exec(["/bin/ip", "-o", "link"]);
  succeeded(t, outcome, "exec");
  t.match(outcome.stdout, /: tst0: </);
});
