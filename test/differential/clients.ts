import { EC2Client, EC2ServiceException } from "@aws-sdk/client-ec2";

const regions = ["us-east-1", "us-west-2"] as const;
const accounts = ["123456789012", "210987654321"] as const;

/** Where a VPC is, and who asks there. */
export interface Place {
  account: string;
  region: string;
  client: EC2Client;
}

/** A client for each account in each Region, all at the lab's address. */
export function placesOf(endpoint: string): Place[] {
  return accounts.flatMap((account) =>
    regions.map((region) => {
      const credentials = { accessKeyId: account, secretAccessKey: "lab" };
      return { account, region, client: new EC2Client({ endpoint, region, maxAttempts: 1, credentials }) };
    }),
  );
}

/** Whether EC2 refused the call; what went wrong in any other way is thrown. */
export async function refused(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return false;
  } catch (error) {
    if (error instanceof EC2ServiceException && error.name !== "InternalError") return true;
    throw error;
  }
}
