import t from "tap";
import { isolated, testRules } from "./rule-cases.ts";

const devices = (netDevices: object) => isolated("network", { netDevices });
const invalid = (pointer: string, name: string) =>
  `/linux/netDevices/${pointer}: ${JSON.stringify(name)} is not a name of a network device`;

testRules(t, {
  "network-devices-need-network": [
    [isolated("network", { netDevices: { eth0: {} } })],
    [{ linux: { namespaces: [{ type: "network", path: "/run/netns/a" }], netDevices: { eth0: {} } } }],
    [{ linux: { netDevices: {} } }],
    [
      { linux: { netDevices: { eth0: {} } } },
      "/linux/netDevices: unable to move network devices without a private network namespace",
    ],
  ],
  "network-device-names": [
    [devices({ eth0: { name: "" }, eth1: { name: "lan" }, [`e${"x".repeat(14)}`]: {} })],
    [devices({ eth0: { name: "a%d" }, eth1: { name: "a%d" } })],
    [
      devices({ eth0: { name: "a" }, eth1: { name: "a" } }),
      "/linux/netDevices/eth1/name: a is the name of eth0 already",
    ],
    [devices({ eth0: { name: "eth1" }, eth1: {} }), "/linux/netDevices/eth1: eth1 is the name of eth0 already"],
    [devices({ "eth%d": {} }), invalid("eth%d", "eth%d")],
    [devices({ "..": {} }), invalid("..", "..")],
    [devices({ "": {} }), invalid("", "")],
    [devices({ eth0: { name: "a/b" } }), invalid("eth0/name", "a/b")],
    [devices({ eth0: { name: "a:1" } }), invalid("eth0/name", "a:1")],
    [devices({ eth0: { name: "a%d%d" } }), invalid("eth0/name", "a%d%d")],
    [devices({ eth0: { name: "a b" } }), invalid("eth0/name", "a b")],
    [devices({ eth0: { name: "x".repeat(16) } }), invalid("eth0/name", "x".repeat(16))],
    [devices({ eth0: null }), "/linux/netDevices/eth0: must be an object, not null"],
  ],
});
