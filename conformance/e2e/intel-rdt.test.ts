/** linux.intelRdt (config-linux.md, "IntelRdt"). */
import { baseConfig, e2e, mountsOf, nothingLeft, refused } from "../harness.ts";

const mounted = mountsOf("self").some(({ type }) => type === "resctrl");

e2e(
  "a host without resctrl refuses, and says why",
  async (t, box) => {
    for (const intelRdt of [{}, { closID: "/" }, { l3CacheSchema: "L3:0=f" }, { enableMonitoring: true }]) {
      const outcome = await box.container(baseConfig({ linux: { intelRdt } })).create();
      const message = "create failed: /linux/intelRdt: no resctrl filesystem is mounted on this host";
      refused(t, outcome, message, JSON.stringify(intelRdt));
    }
    await nothingLeft(t, box);
  },
  { skip: mounted ? "this host has resctrl" : false },
);
