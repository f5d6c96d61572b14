import { aws, awsLine, type Remedy, type Surroundings, step, you } from "./line.ts";

/** For an instance that does not run; what the stack launched, its own step starts or launches anew. */
export function instanceRemedy(around: Surroundings, id: string): Remedy {
  const state = around.snapshot.instances.find((instance) => instance.id === id)?.state;
  if (id.startsWith("eni-")) return you(`Attach ${id} to an instance: aws ec2 attach-network-interface.`);
  if (around.keyOf(id)?.startsWith("instance/")) return step(around, 2, "launch");
  switch (state) {
    case "stopped":
      return aws(around, 2, `start-instances --instance-ids ${id}`);
    case "stopping": {
      const stopped = awsLine(around, `wait instance-stopped --instance-ids ${id}`);
      return {
        by: "aws",
        stage: 2,
        command: `${stopped} && ${awsLine(around, `start-instances --instance-ids ${id}`)}`,
      };
    }
    case "pending":
      return aws(around, 2, `wait instance-running --instance-ids ${id}`);
    default:
      return you("An instance that was terminated does not come back: launch another.");
  }
}
