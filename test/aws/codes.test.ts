import { expect, test } from "vitest";
import { codeOf, isNotFound, isThrottle, isUncertain } from "../../src/aws/codes.ts";
import { TimedOut } from "../../src/aws/poller.ts";
import { UserError } from "../../src/errors.ts";
import { brokenConnection, serviceError } from "../support/service-error.ts";

const meanings = (error: unknown) =>
  [
    [isNotFound, "not found"],
    [isThrottle, "throttle"],
    [isUncertain, "uncertain"],
  ]
    .filter(([means]) => (means as (error: unknown) => boolean)(error))
    .map(([, word]) => word);

test.each<[unknown, string[]]>([
  [serviceError("InvalidVpcID.NotFound"), ["not found"]],
  [serviceError("InvalidGroup.NotFound"), ["not found"]],
  [serviceError("InvalidSubnetId.NotFound"), ["not found"]],
  [serviceError("InvalidPermission.NotFound"), ["not found"]],
  [serviceError("InvalidVpcID.Malformed"), []],
  [serviceError("RequestLimitExceeded", 503), ["throttle"]],
  [serviceError("ThrottlingException", 400), ["throttle"]],
  [serviceError("InternalError", 500), ["uncertain"]],
  [serviceError("Unavailable", 503), ["uncertain"]],
  [serviceError("DependencyViolation"), []],
  [brokenConnection(), ["uncertain"]],
  // A body that does not parse: answered, and not understood.
  [Object.assign(new SyntaxError("<<<"), { $metadata: { httpStatusCode: 200 } }), ["uncertain"]],
  [Object.assign(new Error("unexpected content"), { $metadata: { httpStatusCode: 400 } }), ["uncertain"]],
  // What is not of a call says nothing about one.
  [new TypeError("undefined is not a function"), []],
  [new UserError("there is no vpc/vpc-1 yet"), []],
  [new TimedOut("i-1 did not become ready in time"), []],
  ["text", []],
  [undefined, []],
])("%s", (error, words) => {
  expect(meanings(error)).toEqual(words);
});

test("a code is an AWS error's name", () => {
  expect(codeOf(serviceError("VpcLimitExceeded"))).toBe("VpcLimitExceeded");
  expect(codeOf(new Error("x"))).toBe("");
  expect(codeOf("x")).toBe("");
});
