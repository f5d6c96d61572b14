import { GetCallerIdentityCommand, STSClient, type STSClientConfig } from "@aws-sdk/client-sts";
import type { Abort } from "./attempt.ts";

/** Whose credentials these are. Loaded where it is asked. */
export interface Sts {
  /** Twelve digits; "" where STS does not say. */
  account(abort: Abort): Promise<string>;
  destroy(): void;
}

export function connectSts(config: STSClientConfig): Sts {
  const client = new STSClient(config);
  return {
    account: async (abort) => (await client.send(new GetCallerIdentityCommand({}), abort)).Account ?? "",
    destroy: () => client.destroy(),
  };
}
