import type { ServiceInputTypes, ServiceOutputTypes } from "@aws-sdk/client-ec2";
import type { Aws, Ec2Command } from "../aws/aws.ts";
import type { Ours } from "../aws/blocker.ts";
import { blockersOf } from "../aws/blockers.ts";
import { codeOf, isNotFound } from "../aws/codes.ts";
import type { Clock } from "../clock.ts";
import { InTheWay } from "./in-the-way.ts";

/**
 * Sends a deleting command. NotFound is success, unless the thing may be too new to be known: then it asks again. While
 * something that is on its way out still depends on the thing, it waits; where something else is in the way, or it stays
 * in use for too long, it throws InTheWay.
 */
export type Send = <Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
  command: Ec2Command<Input, Output>,
) => Promise<void>;

/** How long a dependency that is on its way out may take, in milliseconds: interfaces linger after a terminate. */
const patience = 180_000;

/** @param settled from when on, in milliseconds since the epoch, what AWS does not know is not there */
export function sender(options: {
  aws: Aws;
  clock: Clock;
  signal: AbortSignal;
  settled: number;
  ours: Ours;
}): Send {
  const { aws, clock, signal, settled, ours } = options;
  return async (command) => {
    const began = clock.now();
    for (let pause = 500; ; pause = Math.min(5000, pause * 1.5)) {
      try {
        await aws.ec2(command);
        return;
      } catch (error) {
        if (isOver(error)) return;
        if (isUnknown(error)) {
          if (clock.now() >= settled) return;
        } else {
          const passes = dependencies.has(codeOf(error));
          if (!passes && !isHeld(error, command.input)) throw error;
          const blockers = await blockersOf(aws, command.input, ours);
          if (blockers.length === 0 && !passes) throw error;
          if (blockers.length > 0 || clock.now() - began > patience) throw new InTheWay(error, blockers);
        }
      }
      await clock.sleep(pause, signal);
    }
  };
}

const dependencies = new Set(["DependencyViolation", "InvalidIPAddress.InUse", "IncorrectState"]);

/** An address that e.g. a NAT gateway has is refused to everybody else. */
function isHeld(error: unknown, input: object): boolean {
  const isAddress = "AllocationId" in input || "AssociationId" in input;
  return isAddress && /^(AuthFailure|OperationNotPermitted)$/.test(codeOf(error));
}

/** A peering that is over refuses to be deleted. */
function isOver(error: unknown): boolean {
  return codeOf(error) === "InvalidStateTransition";
}

/** The thing, or what it was part of, is not there any more; or not yet, to the server that answered. */
function isUnknown(error: unknown): boolean {
  return isNotFound(error) || codeOf(error) === "Gateway.NotAttached";
}
