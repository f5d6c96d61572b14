import type { StaticOperationSchema } from "@smithy/types";
import type { Ec2Error } from "../error.ts";

/** An HTTP request to the API, read whole. */
export interface WireRequest {
  method: string;
  /** Header names in lower case. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  query: URLSearchParams;
  body: string;
}

export interface WireReply {
  status: number;
  contentType: string;
  body: string;
}

/** What a request asks for, before the action is known to exist. */
export interface Question {
  action: string;
  /** The input by the action's schema. Throws Ec2Error: unknown, missing or malformed parameters. */
  read(schema: StaticOperationSchema): Record<string, unknown>;
  /** The request's values, for the ids among them. */
  text: string;
}

/** One of AWS's wire formats. */
export interface Protocol {
  /** Throws Ec2Error where the request is not of this protocol. */
  ask(request: WireRequest): Question;
  answer(action: string, schema: StaticOperationSchema, output: unknown, requestId: string): WireReply;
  refuse(error: Ec2Error, requestId: string): WireReply;
}
