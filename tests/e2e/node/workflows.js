"use strict";
// Workflows of a Node worker: an activity chain, a fan-out, an event with a timer, a child, a failure.

const { WorkflowRuntime } = require("@dapr/dapr");

const double = async (_context, number) => number * 2;

const refuse = async () => {
  throw new Error("refused by the activity");
};

async function* chain(context, number) {
  const once = yield context.callActivity(double, number);
  return yield context.callActivity(double, once);
}

async function* fanOut(context, numbers) {
  const results = yield context.whenAll(numbers.map((number) => context.callActivity(double, number)));
  return results.reduce((sum, result) => sum + result, 0);
}

async function* approval(context) {
  const decision = yield context.waitForExternalEvent("decided");
  return { decision };
}

async function* patient(context) {
  const due = context.createTimer(1);
  const decision = context.waitForExternalEvent("decided");
  const first = yield context.whenAny([due, decision]);
  return first === due ? "timed out" : "decided";
}

async function* parent(context, number) {
  return yield context.callSubWorkflow(chain, number);
}

async function* failing(context) {
  yield context.callActivity(refuse);
}

function startWorker(port, logger) {
  const runtime = new WorkflowRuntime({ daprHost: "127.0.0.1", daprPort: port, logger });
  for (const workflow of [chain, fanOut, approval, patient, parent, failing]) runtime.registerWorkflow(workflow);
  for (const activity of [double, refuse]) runtime.registerActivity(activity);
  return runtime.start().then(() => runtime);
}

module.exports = { startWorker, chain, fanOut, approval, patient, parent, failing };
