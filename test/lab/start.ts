import { EC2Client } from "@aws-sdk/client-ec2";
import { onTestFinished } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { instant } from "../../src/lab/profile.ts";
import { type Lab, type LabOptions, startLab } from "../../src/lab/server.ts";

/** A lab on a free port, without waiting and in memory, that ends with the test. */
export async function labForTest(options: Partial<LabOptions> = {}): Promise<Lab> {
  const lab = await startLab({ profile: instant, seed: 1, clock: systemClock, ...options });
  onTestFinished(() => lab.stop());
  return lab;
}

/** A client that tells the first answer: no retries, unless asked for. */
export function ec2For(lab: Lab, { account = "123456789012", region = "us-east-1", maxAttempts = 1 } = {}) {
  const client = new EC2Client({
    endpoint: lab.url,
    region,
    maxAttempts,
    credentials: { accessKeyId: account, secretAccessKey: "x" },
  });
  onTestFinished(() => client.destroy());
  return client;
}

/** An EC2 error as `Code: message`, or "done" where there is none. */
export async function outcomeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "done",
    (error: Error) => `${error.name}: ${error.message}`,
  );
}
