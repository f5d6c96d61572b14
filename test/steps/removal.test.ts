import { expect, test } from "vitest";
import type { Aws } from "../../src/aws/aws.ts";
import type { Live } from "../../src/aws/live.ts";
import { eip } from "../../src/steps/eip.ts";
import { peer } from "../../src/steps/peer.ts";
import { type Owned, startRemoval } from "../../src/steps/removal.ts";
import { undoSteps } from "../../src/steps/runner.ts";
import { hurriedClock } from "../support/hurried-clock.ts";
import { recordingUi } from "../support/recording-ui.ts";
import { serviceError } from "../support/service-error.ts";

/** Undoes one thing against an AWS that shows nothing by tag, and answers each action like this. */
function removal(owned: Owned, answers: Record<string, () => unknown>) {
  const sent: string[] = [];
  const forgotten: string[] = [];
  const ec2 = async (command: object) => {
    const action = command.constructor.name.replace(/Command$/, "");
    sent.push(action);
    return answers[action]?.() ?? {};
  };
  const { ui, recorded } = recordingUi();
  const started = startRemoval({
    aws: { ec2 } as unknown as Aws,
    live: { rows: async () => [] } as unknown as Live,
    uuid: "mine",
    awsFlags: "",
    ui,
    clock: hurriedClock(),
    signal: new AbortController().signal,
    settled: 0,
    abort: () => {},
    owned: [owned],
    ids: () => new Set(owned.ids),
    steps: ["peer", "eip"],
    dryRun: false,
    forget: async (key) => void forgotten.push(key),
  });
  return { started, sent, forgotten, recorded };
}

test("a recorded peering that is not shown by tag is deleted, not just forgotten", async () => {
  const owned: Owned = { key: "peering/a~b", kind: "peering", name: "a~b", ids: ["pcx-1"] };
  const { started, sent, forgotten } = removal(owned, {});
  await undoSteps(started, [peer]);
  expect(sent).toEqual(["DeleteVpcPeeringConnection"]);
  expect(forgotten).toEqual(["peering/a~b"]);
});

test("a peering that is over refuses to be deleted, and is gone", async () => {
  const owned: Owned = { key: "peering/a~b", kind: "peering", name: "a~b", ids: ["pcx-1"] };
  const refused = () => {
    throw serviceError("InvalidStateTransition");
  };
  const { started, forgotten } = removal(owned, { DeleteVpcPeeringConnection: refused });
  expect(await undoSteps(started, [peer])).toEqual([]);
  expect(forgotten).toEqual(["peering/a~b"]);
});

test.each(["AuthFailure", "InvalidIPAddress.InUse"])(
  "an address that a NAT gateway holds is refused with %s, and names its interface",
  async (code) => {
    const owned: Owned = { key: "address/a", kind: "address", name: "a", ids: ["eipalloc-1"] };
    const { started, forgotten } = removal(owned, {
      ReleaseAddress: () => {
        throw serviceError(code);
      },
      DescribeAddresses: () => ({
        Addresses: [{ PublicIp: "203.0.113.9", NetworkInterfaceId: "eni-nat" }],
      }),
    });
    const blocked = await undoSteps(started, [eip]);
    expect(blocked).toMatchObject([{ key: "address/a", id: "eipalloc-1", blockers: [{ id: "eni-nat" }] }]);
    expect(forgotten).toEqual([]);
  },
);

test("a refusal that nobody's holding explains is the error that it is", async () => {
  const owned: Owned = { key: "address/a", kind: "address", name: "a", ids: ["eipalloc-1"] };
  const { started } = removal(owned, {
    ReleaseAddress: () => {
      throw serviceError("AuthFailure");
    },
  });
  await expect(undoSteps(started, [eip])).rejects.toThrow("AuthFailure");
});
