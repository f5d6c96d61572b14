import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { CreateVpcCommand, DescribeVpcsCommand } from "@aws-sdk/client-ec2";
import { expect, onTestFinished, test } from "vitest";
import { connectAws } from "../../src/aws/aws.ts";
import { NoAnswer } from "../../src/aws/codes.ts";
import { manualClock } from "../lab/data-plane/manual-clock.ts";

/** A client whose credentials do not come before `come` is called, and an endpoint that counts what it gets. */
async function place() {
  let requests = 0;
  const server = createServer((_request, response) => {
    requests += 1;
    response.end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  let come = () => {};
  const credentials = new Promise<{ accessKeyId: string; secretAccessKey: string }>((resolve) => {
    come = () => resolve({ accessKeyId: "x", secretAccessKey: "x" });
  });
  const clock = manualClock();
  const controller = new AbortController();
  const aws = connectAws({
    region: "us-east-1",
    profile: undefined,
    endpoint: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    credentials: () => credentials,
    clock,
    signal: controller.signal,
  });
  onTestFinished(() => {
    aws.close();
    server.close();
  });
  return { aws, clock, controller, come, requests: () => requests };
}

test("credentials that do not come: the call ends all the same, and does not go out later", async () => {
  const { aws, clock, come, requests } = await place();
  const call = aws.ec2(new CreateVpcCommand({ CidrBlock: "10.1.0.0/16" }), { uncertain: "throw" });
  await expect(clock.finish(call)).rejects.toBeInstanceOf(NoAnswer);
  come();
  // Time for a request to arrive, if there were one.
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(requests()).toBe(0);
});

test("credentials that do not come: Ctrl-C ends a read", async () => {
  const { aws, clock, controller } = await place();
  const call = aws.ec2(new DescribeVpcsCommand({}));
  await clock.asleep();
  const cause = new Error("interrupted");
  controller.abort(cause);
  await expect(call).rejects.toBe(cause);
});
