import { UserError } from "../errors.ts";
import { parseAddress, parseCidr } from "../net/cidr.ts";
import { label, type Source } from "./setting.ts";

/** Each parser takes what was written and where, and returns the value in its one form, or throws UserError. */
type Parse<Value> = (text: string, source: Source) => Value;

function refuse(source: Source, problem: string, remedy: string): never {
  throw new UserError(`${label(source)}: ${problem}`, remedy);
}

export const anyText: Parse<string> = (text, source) =>
  text.trim() === "" ? refuse(source, "it is empty", "give it a value, or leave it out") : text;

/** Text of a form, with the name of what it has to be and an example of one. */
export const matching =
  (form: RegExp, what: string, example: string): Parse<string> =>
  (text, source) =>
    form.test(text) ? text : refuse(source, `'${text}' is not ${what}`, `write it like ${example}`);

/** `us-east-1`, `us-gov-west-1`, `eusc-de-east-1`. https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html */
export const regionName: Parse<string> = (text, source) => {
  const region = /^([a-z]{2,4}(?:-[a-z]{2,12}){1,3}-\d{1,2})([a-z])?$/.exec(text);
  if (!region) return refuse(source, `'${text}' is not an AWS Region`, "write it like us-east-1");
  if (region[2] === undefined) return text;
  return refuse(source, `'${text}' is an Availability Zone, not a Region`, `its Region is ${region[1]}`);
};

/** The stack's name becomes a tag's value and part of names in EC2. */
export const stackName: Parse<string> = (text, source) =>
  /^[a-z0-9-]{1,64}$/.test(text)
    ? text
    : refuse(source, `'${text}' cannot name a stack`, "use 1 to 64 lower-case letters, digits and hyphens");

/** An absolute URL, in one form whether or not it was written with a slash at its end, since state files compare it. */
export const webUrl: Parse<string> = (text, source) => {
  const url = anyWebUrl(text, source);
  const { username, password } = new URL(url);
  if (username === "" && password === "") return url;
  // It would stand in the state file, and in the commands that are printed.
  return refuse(source, "a user or a password in the URL is not taken", "write it without");
};

const anyWebUrl: Parse<string> = (text, source) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    // A password may be in what was written, so a text with one is not shown.
    const shown = text.includes("@") ? "what is written there" : `'${text}'`;
    return refuse(source, `${shown} is not an http or https URL`, "write it like http://127.0.0.1:4566");
  }
  return url.href.replace(/\/$/, "");
};

/** An HTTP proxy is spoken to in clear: CONNECT, and then SSH takes care of itself. It may have a user and a password. */
export const proxyUrl: Parse<string> = (text, source) => {
  const url = anyWebUrl(text, source);
  if (new URL(url).protocol === "http:") return url;
  return refuse(source, "the proxy has to be an http URL", "write it like http://proxy.example.com:3128");
};

/** A span of time, in seconds. */
export const seconds: Parse<number> = (text, source) =>
  /^\d+(\.\d+)?$/.test(text)
    ? Number(text)
    : refuse(source, `'${text}' is not a number of seconds`, "write it like 60");

/** An IPv4 block; one address alone is its /32. */
export const ipv4Block: Parse<string> = (text, source) => {
  const block = parseCidr(parseAddress(text) ? `${text}/32` : text);
  if (block?.family !== 4) {
    return refuse(source, `'${text}' is not an IPv4 block`, "write it like 198.51.100.7/32");
  }
  if (block.text === text || block.prefix === 32) return block.text;
  return refuse(
    source,
    `${text} is not where a /${block.prefix} begins`,
    `the block around that address is ${block.text}`,
  );
};

export const yesOrNo: Parse<boolean> = (text, source) => {
  if (/^(1|true|yes|on)$/i.test(text)) return true;
  if (/^(0|false|no|off)$/i.test(text)) return false;
  return refuse(source, `'${text}' is neither yes nor no`, "use 1 for yes and 0 for no");
};
