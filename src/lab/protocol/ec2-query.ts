import type { StaticOperationSchema } from "@smithy/types";
import { Ec2Error } from "../error.ts";
import { formReader, formTree, missingParameter } from "./form-reader.ts";
import { inputOf, outputOf } from "./operation.ts";
import type { Protocol, Question, WireRequest } from "./wire.ts";
import { escapeXml, writeXml } from "./xml-writer.ts";

const contentType = "text/xml;charset=UTF-8";

/** Amazon EC2's own. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html */
export const ec2Query: Protocol = {
  ask: askForm,
  answer: (action, schema, output, requestId) => {
    const shape = outputOf(schema);
    const inner = shape.isUnitSchema() ? "<return>true</return>" : writeXml(shape, output);
    const xmlns = "http://ec2.amazonaws.com/doc/2016-11-15/";
    const body = `<?xml version="1.0" encoding="UTF-8"?>
<${action}Response xmlns="${xmlns}"><requestId>${requestId}</requestId>${inner}</${action}Response>`;
    return { status: 200, contentType, body };
  },
  refuse: ({ code, message, status }, requestId) => {
    const error = `<Error><Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message></Error>`;
    const body = `<?xml version="1.0" encoding="UTF-8"?>
<Response><Errors>${error}</Errors><RequestID>${requestId}</RequestID></Response>`;
    return { status, contentType, body };
  },
};

/** AWS STS's: the same forms, with a result element inside the response. */
export const stsQuery: Protocol = {
  ask: askForm,
  answer: (action, schema, output, requestId) => {
    const result = `<${action}Result>${writeXml(outputOf(schema), output)}</${action}Result>`;
    const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
    const body = `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">${result}${metadata}</${action}Response>`;
    return { status: 200, contentType: "text/xml", body };
  },
  refuse: ({ code, message, status }, requestId) => {
    const type = `<Type>${status < 500 ? "Sender" : "Receiver"}</Type>`;
    const error = `<Error>${type}<Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message></Error>`;
    const body = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">${error}<RequestId>${requestId}</RequestId></ErrorResponse>`;
    return { status, contentType: "text/xml", body };
  },
};

/** Parameters that belong to the request itself (signature version 2 and 4 in the query), not to the action. */
const common =
  /^(X-Amz-.*|AWSAccessKeyId|Signature|SignatureVersion|SignatureMethod|Timestamp|Expires|SecurityToken)$/i;

function askForm({ method, query, body }: WireRequest): Question {
  if (method !== "POST" && method !== "GET") {
    throw new Ec2Error("InvalidRequest", `The HTTP method ${method} is not supported`, 405);
  }
  const parameters = [...query, ...new URLSearchParams(body)].filter(([name]) => !common.test(name));
  const tree = formTree(parameters);
  const action = take("Action");
  take("Version");
  return { action, read, text: parameters.map(([, value]) => value).join("\n") };

  function take(name: string): string {
    const value = tree.parts.get(name)?.value;
    if (!value) throw missingParameter(name);
    tree.parts.delete(name);
    return value;
  }

  function read(schema: StaticOperationSchema): Record<string, unknown> {
    return formReader(inputOf(schema))(tree, "") as Record<string, unknown>;
  }
}
