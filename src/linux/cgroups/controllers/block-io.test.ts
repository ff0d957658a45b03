import { test } from "tap";
import { limitLine, limitsOn, planOn } from "../golden.ts";

const AT = "/linux/resources/blockIO";
const DEVICES = {
  throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 600 }],
  throttleWriteBpsDevice: [{ major: 8, minor: 16, rate: 0 }],
  throttleReadIOPSDevice: [{ major: 254, minor: 0, rate: 2 ** 40 }],
  throttleWriteIOPSDevice: [
    { major: 8, minor: 0, rate: 1 },
    { major: 8, minor: 16, rate: 2 },
  ],
};
const WEIGHTS = { weight: 500, weightDevice: [{ major: 8, minor: 0, weight: 10 }] };

test("v1: BFQ's weights, throttles by device", async (t) => {
  t.strictSame(limitsOn("hybrid", { blockIO: { ...WEIGHTS, ...DEVICES } }), [
    "blockIO/weight: blkio.bfq.weight = 500",
    "blockIO/weightDevice/0/weight: blkio.bfq.weight_device = 8:0 10",
    "blockIO/throttleReadBpsDevice/0: blkio.throttle.read_bps_device = 8:0 600",
    "blockIO/throttleWriteBpsDevice/0: blkio.throttle.write_bps_device = 8:16 0",
    "blockIO/throttleReadIOPSDevice/0: blkio.throttle.read_iops_device = 254:0 1099511627776",
    "blockIO/throttleWriteIOPSDevice/0: blkio.throttle.write_iops_device = 8:0 1",
    "blockIO/throttleWriteIOPSDevice/1: blkio.throttle.write_iops_device = 8:16 2",
  ]);
});

test("v1: CFQ's weights and leaf weights, where the kernel has them", async (t) => {
  const files = {
    exists: (path: string) => /blkio(\/blkio\.(leaf_)?weight)?$/.test(path),
    read: () => undefined,
    writable: () => true,
  };
  const blockIO = { weight: 500, leafWeight: 300, weightDevice: [{ major: 8, minor: 0, weight: 10, leafWeight: 20 }] };
  const { create } = planOn("v1", { cgroupsPath: "/demo", files, resources: { blockIO } });
  t.strictSame(create.filter(({ from }) => from.startsWith(AT)).map(limitLine), [
    "blockIO/weight: blkio.weight = 500",
    "blockIO/weightDevice/0/weight: blkio.weight_device = 8:0 10",
    "blockIO/leafWeight: blkio.leaf_weight = 300",
    "blockIO/weightDevice/0/leafWeight: blkio.leaf_weight_device = 8:0 20",
  ]);
  const none = { ...files, exists: () => false };
  const plan = (blockIO: { weight?: number; leafWeight?: number }) =>
    planOn("v1", { files: none, resources: { blockIO } });
  t.throws(() => plan({ weight: 10 }), {
    code: "host",
    pointer: `${AT}/weight`,
    message: /no I\/O scheduler with weights/,
  });
  t.throws(() => plan({ leafWeight: 10 }), { code: "host", pointer: `${AT}/leafWeight`, message: /leaf_weight/ });
});

test("v2: io.max lines; 0 is no limit", async (t) => {
  t.strictSame(limitsOn("v2", { blockIO: DEVICES }), [
    "blockIO/throttleReadBpsDevice/0: io.max = 8:0 rbps=600",
    "blockIO/throttleWriteBpsDevice/0: io.max = 8:16 wbps=max",
    "blockIO/throttleReadIOPSDevice/0: io.max = 254:0 riops=1099511627776",
    "blockIO/throttleWriteIOPSDevice/0: io.max = 8:0 wiops=1",
    "blockIO/throttleWriteIOPSDevice/1: io.max = 8:16 wiops=2",
  ]);
});

test("v2: weights for BFQ, for the cost model, or for whichever there is", async (t) => {
  const at = "/sys/fs/cgroup/pod";
  t.strictSame(
    limitsOn("v2", { blockIO: WEIGHTS }, { [`${at}/io.bfq.weight`]: null, [`${at}/cgroup.controllers`]: "io" }),
    ["blockIO/weight: io.bfq.weight = 500", "blockIO/weightDevice/0/weight: io.bfq.weight = 8:0 10"],
  );
  t.strictSame(
    limitsOn("v2", { blockIO: WEIGHTS }, { [`${at}/io.weight`]: null, [`${at}/cgroup.controllers`]: "io" }),
    ["blockIO/weight: io.weight = 4950", "blockIO/weightDevice/0/weight: io.weight = 8:0 1"],
  );
  t.strictSame(limitsOn("v2", { blockIO: { weight: 1000 } }), [
    "blockIO/weight: io.bfq.weight = 1000 ?",
    "blockIO/weight: io.weight = 10000",
  ]);
});

test("v2: no leaf weights", async (t) => {
  t.throws(() => limitsOn("v2", { blockIO: { leafWeight: 10 } }), { code: "host", pointer: `${AT}/leafWeight` });
  const weightDevice = [
    { major: 8, minor: 0, weight: 1 },
    { major: 8, minor: 1, leafWeight: 5 },
  ];
  t.throws(() => limitsOn("v2", { blockIO: { weightDevice } }), {
    code: "host",
    pointer: `${AT}/weightDevice/1/leafWeight`,
  });
});
