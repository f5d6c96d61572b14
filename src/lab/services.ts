import type { Action, Actions } from "./action.ts";
import { ec2Actions } from "./actions/index.ts";
import { instanceConnectActions } from "./actions/instance-connect.ts";
import { stsActions } from "./actions/sts.ts";
import { Ec2Error } from "./error.ts";
import { awsJson } from "./protocol/aws-json.ts";
import { ec2Query, stsQuery } from "./protocol/ec2-query.ts";
import type { Protocol, WireRequest } from "./protocol/wire.ts";

interface Service {
  protocol: Protocol;
  actions: Actions;
}

/** By the name that stands in a credential's scope. */
const services: Readonly<Record<string, Service>> = {
  ec2: { protocol: ec2Query, actions: ec2Actions },
  sts: { protocol: stsQuery, actions: stsActions },
  "ec2-instance-connect": { protocol: awsJson, actions: instanceConnectActions },
};

/** How to talk to whoever sent this, before it is known who that is and what for. */
export function protocolOf(request: WireRequest): Protocol {
  if (request.headers["x-amz-target"] !== undefined) return awsJson;
  const scope = /\/([a-z0-9-]+)\/aws4_request/.exec(
    `${request.headers.authorization ?? ""} ${request.query.get("X-Amz-Credential") ?? ""}`,
  );
  return services[scope?.[1] ?? ""]?.protocol ?? ec2Query;
}

/** The action, or EC2's InvalidAction. */
export function findAction(service: string, name: string): Action {
  const known = Object.hasOwn(services, service) ? services[service] : undefined;
  if (!known) {
    throw new Ec2Error(
      "InvalidAction",
      `The lab does not serve ${service}; it serves ${Object.keys(services).join(", ")}.`,
    );
  }
  const action = Object.hasOwn(known.actions, name) ? known.actions[name] : undefined;
  if (!action) {
    throw new Ec2Error("InvalidAction", `The action ${name} is not valid for this web service.`);
  }
  return action;
}
