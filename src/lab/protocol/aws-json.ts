import type { StaticOperationSchema } from "@smithy/types";
import { Ec2Error } from "../error.ts";
import { inputOf, requiredMembers } from "./operation.ts";
import type { Protocol } from "./wire.ts";

const contentType = "application/x-amz-json-1.1";

/**
 * EC2 Instance Connect's: the action in `X-Amz-Target`, members as JSON. Its inputs are flat strings and numbers, and
 * that is what is checked here. https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 */
export const awsJson: Protocol = {
  ask: ({ method, headers, body }) => {
    if (method !== "POST") {
      throw new Ec2Error("InvalidRequest", `The HTTP method ${method} is not supported`, 405);
    }
    const target = String(headers["x-amz-target"] ?? "");
    const [service, action] = target.split(".");
    if (service !== "AWSEC2InstanceConnectService" || !action) {
      throw new Ec2Error("UnknownOperationException", `The target ${target} is not known`);
    }
    return { action, read: (schema) => readJson(body, schema), text: body.replaceAll('"', "\n") };
  },
  answer: (_action, _schema, output) => ({ status: 200, contentType, body: JSON.stringify(output ?? {}) }),
  refuse: ({ code, message, status }) => {
    return { status, contentType, body: JSON.stringify({ __type: code, Message: message }) };
  },
};

function readJson(body: string, schema: StaticOperationSchema): Record<string, unknown> {
  const given = parse(body);
  const shape = inputOf(schema);
  const required = requiredMembers(shape);
  const input: Record<string, unknown> = {};
  for (const [name, member] of shape.structIterator()) {
    const value = given[name] ?? undefined;
    const wanted = member.isNumericSchema() ? "number" : "string";
    if (value === undefined && required.has(name)) {
      throw new Ec2Error(
        "ValidationException",
        `1 validation error detected: Value null at '${name.charAt(0).toLowerCase()}${name.slice(1)}' failed to satisfy constraint: Member must not be null`,
      );
    }
    if (value !== undefined && typeof value !== wanted) {
      throw new Ec2Error("SerializationException", `${name} is not a ${wanted}`);
    }
    if (value !== undefined) input[name] = value;
  }
  return input;
}

function parse(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body === "" ? "{}" : body);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch {
    // Said below: malformed JSON and a document that is no object are one error on AWS.
  }
  throw new Ec2Error("SerializationException", "The request is not a JSON object");
}
