import t from "tap";
import { isolated, testRules } from "./rule-cases.ts";

const mount = (more: object) => ({ mounts: [{ destination: "/a", ...more }] });
const MAPPINGS = [{ containerID: 0, hostID: 1000, size: 1 }];
const mappings = { uidMappings: MAPPINGS, gidMappings: MAPPINGS };
const bind = (...options: readonly string[]) => mount({ source: "/b", options: ["rbind", ...options] });

testRules(t, {
  mounts: [
    [mount({ type: "tmpfs" })],
    [mount({ type: "bind", source: "b", options: ["bind"] })],
    [mount({ source: "/b", options: ["rbind", "ro"] })],
    [mount({ options: ["remount", "ro"] })],
    [mount({ options: ["rslave"] })],
    [mount({ type: "tmpfs", options: ["tmpcopyup", "size=1m"] })],
    [mount({}), "/mounts/0/type: is required unless options has bind or rbind"],
    [
      mount({ type: "", source: "/b", options: ["ro"] }),
      "/mounts/0/type: is required unless options has bind or rbind",
    ],
    [mount({ type: "none", options: ["bind"] }), "/mounts/0/source: is required for a bind mount"],
    [
      mount({ type: "proc", options: ["ro", "tmpcopyup"] }),
      "/mounts/0/options/1: tmpcopyup needs a mount of type tmpfs",
    ],
    [bind("tmpcopyup"), "/mounts/0/options/1: tmpcopyup needs a mount of type tmpfs"],
    [{ mounts: [{ type: "proc" }] }, "/mounts/0/destination: is required"],
  ],
  "idmap-needs-mappings": [
    [mount({ source: "/b", options: ["bind", "idmap"], ...mappings })],
    [{ ...bind("ridmap"), ...isolated("user", mappings) }],
    [mount({ type: "tmpfs", ...mappings })],
    [bind("idmap"), "/mounts/0/options: idmap needs uidMappings and gidMappings, or a user namespace"],
    [bind("ridmap"), "/mounts/0/options: ridmap needs uidMappings and gidMappings, or a user namespace"],
  ],
});
