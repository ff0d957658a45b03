/** Network devices. */
import { slotArgument, textArgument as text } from "../arguments.ts";
import { define } from "../definition.ts";
import { quote, show } from "../shell-words.ts";

export const networkOperations = {
  loopback: define({
    about: "Sets the loopback device of the own network namespace up; the kernel gives it its addresses.",
    places: ["init"],
    args: {},
    says: () => "set the loopback device up",
    shell: () => "ip link set lo up",
  }),
  network_socket: define({
    about: "Opens a routing socket (rtnetlink(7)) of the own network namespace.",
    places: ["init"],
    args: { into: slotArgument },
    slots: (a) => ({ fills: [a.into] }),
    says: () => "open a routing socket",
    shell: (a) => `# {${a.into}}: a socket of this network namespace`,
  }),
  move_network_device: define({
    about:
      "Moves a network device of the runtime's network namespace into that of the slot `pid`, gives it its permanent global addresses again, names it " +
      "(eth%d: the first free number; a name that is taken is an error), and sets it up. container_network: a routing socket of that namespace.",
    places: ["host"],
    args: { device: text, name: text },
    slots: () => ({ reads: ["container_network", "pid"] }),
    says: (a) => `move the network device ${show(a.device)}${a.name === a.device ? "" : ` as ${show(a.name)}`}`,
    shell: (a) =>
      `ip link set ${quote(a.device)} netns $pid name ${quote(a.name)}; nsenter --target $pid --net ip link set ${quote(a.name)} up   # and its addresses`,
  }),
};
