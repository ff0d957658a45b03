import t from "tap";
import { decodeBase64 } from "./base64.ts";

t.test("what Node encodes", async (t) => {
  for (let length = 0; length < 300; length++) {
    const bytes = Uint8Array.from({ length }, (_, index) => (index * 167 + length) & 0xff);
    t.same(decodeBase64(Buffer.from(bytes).toString("base64")), bytes);
  }
});

t.test("what is not base64", async (t) => {
  for (const text of ["A", "AB", "ABC", "A===", "AB=C", "AB*=", "AAAA\n", "AA==AA=="])
    t.equal(decodeBase64(text), undefined);
});
