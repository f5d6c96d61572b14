import { keyTag } from "../aws/tags.ts";
import { UserError } from "../errors.ts";
import { parseAddress } from "../net/cidr.ts";
import type { Endpoint, NetworkInterface } from "../net/types.ts";
import { isInternal } from "../net/walk.ts";
import { nameFor, type Scene } from "./scene.ts";

/** One end of a question, found in the tables. */
export interface End {
  /** As it was asked for. */
  text: string;
  endpoint: Endpoint;
  /** The address that stands for it in the path. */
  address: string;
  /** What the internet knows it by. */
  publicAddress?: string;
  vpc?: string;
  /** It stands for everybody on the internet. */
  anybody: boolean;
}

/** How an end may be written. */
export type Wanted =
  | { kind: "internet" | "me" | "name" }
  | { kind: "interface" | "instance" | "vpc" }
  | { kind: "address"; isPrivate: boolean };

/** By its form alone: whether it exists is another question. */
export function readEnd(text: string): Wanted {
  if (text === "internet" || text === "me") return { kind: text };
  const [, prefix] = /^(i|eni|vpc)-(?:[0-9a-f]{8}|[0-9a-f]{17})$/.exec(text) ?? [];
  if (prefix) return { kind: prefix === "i" ? "instance" : prefix === "eni" ? "interface" : "vpc" };
  const address = parseAddress(text);
  return address ? { kind: "address", isPrivate: isInternal(address) } : { kind: "name" };
}

/** An address that nobody has: it stands for everybody. https://www.rfc-editor.org/rfc/rfc5737 (TEST-NET-1) */
const anybodysAddress = "192.0.2.1";

/** Throws UserError where the tables have nothing of that name. */
export async function findEnd(scene: Scene, text: string, isSource: boolean): Promise<End> {
  const { interfaces } = scene.snapshot;
  const wanted = readEnd(text);
  switch (wanted.kind) {
    case "internet":
      return outside(text, anybodysAddress, true);
    case "me":
      return outside(text, await scene.me(), false);
    case "interface":
      return ofInterface(
        text,
        interfaces.find(({ id }) => id === text) ?? missing(text, "network interface"),
      );
    case "instance":
      return ofInterface(
        text,
        interfaces.find(({ instance }) => instance === text) ??
          missing(text, "instance with a network interface"),
      );
    case "vpc":
      return ofInterface(text, onlyOneIn(scene, text));
    case "name":
      return ofInterface(text, ofStackVpc(scene, text));
    case "address": {
      const holders = interfaces.filter(({ addresses }) =>
        addresses.some((own) => own.private === text || own.public === text),
      );
      const [holder, another] = holders;
      if (another) {
        throw new UserError(
          `several network interfaces have the address ${text}`,
          `name one of them: ${holders.map(({ id }) => id).join(", ")}`,
        );
      }
      if (holder) return { ...ofInterface(text, holder), endpoint: at(holder, text), address: text };
      // As a destination it is whatever the routes lead to.
      if (wanted.isPrivate && isSource) missing(text, "network interface with the address");
      return outside(text, text, false);
    }
  }
}

/** The network interface of the instance that the stack has in that VPC. Throws UserError where there is none. */
function ofStackVpc(scene: Scene, name: string): NetworkInterface {
  const { stack, snapshot, tags } = scene;
  const instance = stack?.resources[`instance/${name}`]?.id;
  const found =
    snapshot.interfaces.find((eni) => instance !== undefined && eni.instance === instance) ??
    snapshot.interfaces.find((eni) => tags[eni.instance ?? ""]?.[keyTag] === `instance/${name}`);
  if (found) return found;
  const names = stack?.topology.vpcs.map((vpc) => vpc.name) ?? namesIn(scene);
  if (names.includes(name))
    throw new UserError(`there is no instance in ${name}`, `run: ${scene.peerctl} launch`);
  throw new UserError(
    `"${name}" is no VPC of ${stack ? `the stack "${stack.stack.name}"` : "a stack that is known here"}`,
    `name ${names.length > 0 ? `one of ${names.join(", ")}, or ` : ""}an instance, a network interface, an address, internet or me`,
  );
}

function namesIn(scene: Scene): string[] {
  return scene.snapshot.vpcs.flatMap(({ id }) => nameFor(scene, id) ?? []);
}

function onlyOneIn({ snapshot }: Scene, vpc: string): NetworkInterface {
  const [found, another] = snapshot.interfaces.filter((eni) => eni.vpc === vpc && eni.instance);
  if (found && !another) return found;
  if (!found) missing(vpc, "VPC with an instance");
  throw new UserError(`${vpc} has several instances`, "name one of them, by its id or its address");
}

function ofInterface(text: string, eni: NetworkInterface): End {
  return {
    text,
    endpoint: { kind: "interface", id: eni.id },
    address: eni.addresses[0]?.private ?? "",
    publicAddress: eni.addresses[0]?.public,
    vpc: eni.vpc,
    anybody: false,
  };
}

function at({ id }: NetworkInterface, address: string): Endpoint {
  return { kind: "interface", id, address };
}

function outside(text: string, address: string, anybody: boolean): End {
  return { text, endpoint: { kind: "internet", address }, address, anybody };
}

function missing(text: string, what: string): never {
  throw new UserError(
    `there is no ${what} ${text} in this account and Region`,
    "check it, and --region and --profile; for another account or Region, --snapshot takes its tables from there",
  );
}
