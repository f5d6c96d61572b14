import {
  EC2InstanceConnectClient,
  type EC2InstanceConnectClientConfig,
} from "@aws-sdk/client-ec2-instance-connect";

/** Few commands open an SSH session, so this is in a file of its own that only those load. */
export function connectInstanceConnect(config: EC2InstanceConnectClientConfig): EC2InstanceConnectClient {
  return new EC2InstanceConnectClient({ ...config, maxAttempts: 4 });
}
