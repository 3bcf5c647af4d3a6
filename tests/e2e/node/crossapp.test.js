"use strict";
// A workflow worker of the published SDK and a .NET app with Tarasol.Workflow, each behind a sidecar of its own, call one another.
// NodeWorkflowTests.cs starts the sidecars and the .NET app, whose app-id is "dotnet".

const assert = require("node:assert");
const { after, before, describe, it } = require("node:test");
const { DaprWorkflowClient, WorkflowRuntime, WorkflowRuntimeStatus } = require("@dapr/dapr");
const { quiet, sleep } = require("./app");
const { inOtherApps } = require("./routing");

const env = process.env;
const limit = { timeout: 90000 };
const here = { daprHost: "127.0.0.1", daprPort: env.DAPR_GRPC_PORT, logger: quiet };

let worker, flows;

const shout = async (_context, text) => text.toUpperCase();

async function* registers(context, subject) {
  const letter = yield context.callActivity("RegisterLetter", subject);
  return yield context.callActivity(shout, `${letter.number} ${letter.subject}`);
}

async function* sideBySide(context, numbers) {
  const results = yield context.whenAll(numbers.flatMap((number) => [context.callActivity("Double", number), context.callActivity(shout, `n${number}`)]));
  return results.join(" ");
}

async function* forgives(context) {
  try {
    yield context.callActivity("Refuse", "letter");
  } catch (error) {
    return `caught: ${error.message}`;
  }
}

async function* trusts(context) {
  yield context.callActivity("Refuse", "letter");
}

async function* sendsChild(context, subject) {
  return yield context.callChildWorkflow("Guest", subject, `guest-of-${context.getWorkflowInstanceId()}`);
}

/** For the .NET app's workflow. */
async function* greets(context, name) {
  const greeting = yield context.callActivity(shout, `hello ${name}`);
  context.setCustomStatus("greeted");
  return greeting;
}

before(async () => {
  const routing = inOtherApps({ activities: { RegisterLetter: "dotnet", Double: "dotnet", Refuse: "dotnet" }, workflows: { Guest: "dotnet" } });
  worker = new WorkflowRuntime({ ...here, grpcOptions: { interceptors: [routing] } });
  for (const workflow of [registers, sideBySide, forgives, trusts, sendsChild, greets]) worker.registerWorkflow(workflow);
  worker.registerActivity(shout);
  await worker.start();
  flows = new DaprWorkflowClient({ ...here });
});

after(async () => {
  await worker?.stop();
  await flows?.stop();
});

const run = async (workflow, input) => await flows.waitForWorkflowCompletion(await flows.scheduleNewWorkflow(workflow, input), true, 60);

const output = async (workflow, input) => {
  const state = await run(workflow, input);
  assert.strictEqual(state.runtimeStatus, WorkflowRuntimeStatus.COMPLETED, JSON.stringify(state));
  return JSON.parse(state.serializedOutput);
};

describe("a Node workflow", limit, () => {
  it("calls an activity of the .NET app, and goes on with its result", async () => {
    assert.strictEqual(await output(registers, "كتاب about bread"), "17 كتاب ABOUT BREAD");
  });

  it("calls both apps side by side", async () => {
    assert.strictEqual(await output(sideBySide, [1, 2, 3]), "2 N1 4 N2 6 N3");
  });

  it("is told why an activity over there failed", async () => {
    assert.match(await output(forgives), /^caught: .*the desk refuses letter/);
    const state = await run(trusts);
    assert.strictEqual(state.runtimeStatus, WorkflowRuntimeStatus.FAILED);
    assert.match(state.workflowFailureDetails.getErrorMessage(), /the desk refuses letter/);
  });

  it("has a child in the .NET app", async () => {
    assert.strictEqual(await output(sendsChild, "letter"), "letter doubled 42");
  });

  it("many at once", async () => {
    const numbers = [...Array(20).keys()].map((number) => number + 1);
    const outputs = await Promise.all(numbers.map((number) => output(sideBySide, [number])));
    assert.deepStrictEqual(outputs, numbers.map((number) => `${number * 2} N${number}`));
  });
});

describe("a .NET workflow", limit, () => {
  const dotnet = `http://127.0.0.1:${env.DOTNET_HTTP_PORT}/v1.0/workflows/dapr`;

  it("calls an activity and has a child of the Node app", async () => {
    const started = await fetch(`${dotnet}/AsksNode/start?instanceID=asks-node`, { method: "POST", body: `"world"`, headers: { "content-type": "application/json" } });
    assert.strictEqual(started.status, 202, await started.clone().text());
    for (const end = Date.now() + 60000; ; await sleep(20)) {
      const state = await (await fetch(`${dotnet}/asks-node`)).json();
      if (state.runtimeStatus === "COMPLETED") return assert.strictEqual(JSON.parse(state.properties["dapr.workflow.output"]), "WORLD: HELLO WORLD");
      assert.ok(["PENDING", "RUNNING"].includes(state.runtimeStatus) && Date.now() < end, JSON.stringify(state));
    }
  });
});
