import { GetCallerIdentity$ } from "@aws-sdk/client-sts";
import { type Actions, reads } from "../action.ts";

/** Every access key is that of one IAM user, `lab`, of its account. */
export const stsActions: Actions = {
  GetCallerIdentity: reads(GetCallerIdentity$, (_input, { account }) => ({
    UserId: `AIDALAB${account}AA`,
    Account: account,
    Arn: `arn:aws:iam::${account}:user/lab`,
  })),
};
