/** linux.resources.rdma. Kernel: admin-guide/cgroup-v1/rdma.rst, admin-guide/cgroup-v2.rst (RDMA). */
import { pointer } from "../../../base/pointer.ts";
import { type ControllerPlanner, limit, wrong } from "../limits.ts";

export const rdma: ControllerPlanner = (limits) =>
  Object.entries(limits.resources.rdma ?? {}).map(([device, { hcaHandles, hcaObjects }]) => {
    const from = pointer("/linux/resources/rdma", device);
    if (/\s/.test(device)) throw wrong(from, "a device's name has no white space");
    const handles = hcaHandles === undefined ? "" : ` hca_handle=${hcaHandles}`;
    const objects = hcaObjects === undefined ? "" : ` hca_object=${hcaObjects}`;
    return limit(limits, ["rdma", "rdma.max"], `${device}${handles}${objects}`, from);
  });
