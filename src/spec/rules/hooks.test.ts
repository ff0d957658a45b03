import t from "tap";
import { testRules } from "./rule-cases.ts";

const hook = (more: object) => ({ hooks: { poststop: [{ path: "/a" }, { path: "/b", ...more }] } });

testRules(t, {
  "hook-environment": [
    [hook({ args: ["b", ""], env: ["A=1"], timeout: 5 })],
    [{ hooks: { later: [{ env: ["A"] }, 5] } }],
    [hook({ env: ["A"] }), '/hooks/poststop/1/env/0: invalid environment variable: there is no "=" in "A"'],
    [hook({ timeout: 0 }), "/hooks/poststop/1/timeout: must be an integer from 1 to 2147483647, not 0"],
    [hook({ path: "b" }), '/hooks/poststop/1/path: must be an absolute path, not "b"'],
    [hook({ path: "" }), "/hooks/poststop/1/path: is required"],
  ],
});
