"use strict";
// The published SDK against the sidecar host. NodeClientTests.cs starts the sidecars and gives their ports:
// APP_PROTOCOL (http or grpc) is how the sidecar calls this app, CLIENT_PROTOCOL how this app calls the sidecar.

const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const { after, before, describe, it } = require("node:test");
const {
  ActorId, ActorProxyBuilder, CommunicationProtocolEnum, DaprClient, DaprWorkflowClient, HttpMethod, StateConcurrencyEnum, StateConsistencyEnum, WorkflowRuntimeStatus,
} = require("@dapr/dapr");
const { CounterActor, log, quiet, sleep, startApp } = require("./app");
const { startPeer } = require("./peer");
const workflows = require("./workflows");

// The SDK does not export its LockStatus.
const [Success, LockDoesNotExist, LockBelongsToOthers] = [0, 1, 2];
const env = process.env;
const overHttp = env.CLIENT_PROTOCOL === "http";
const httpApp = env.APP_PROTOCOL === "http";
const limit = { timeout: 60000 };

let server, peer, client;

before(async () => {
  peer = await startPeer(Number(env.PEER_PORT));
  server = await startApp(env.APP_PROTOCOL, env.CLIENT_PROTOCOL, env);
  client = new DaprClient({
    daprHost: "127.0.0.1",
    daprPort: overHttp ? env.DAPR_HTTP_PORT : env.DAPR_GRPC_PORT,
    communicationProtocol: overHttp ? CommunicationProtocolEnum.HTTP : CommunicationProtocolEnum.GRPC,
    logger: quiet,
  });
  for (const port of [env.DAPR_HTTP_PORT, env.PEER_DAPR_HTTP_PORT]) await healthy(port);
});

after(async () => {
  await client?.stop();
  await server?.stop();
  peer?.closeAllConnections();
  await new Promise((done) => peer.close(done));
});

async function healthy(port) {
  for (const end = Date.now() + 30000; ; await sleep(20)) {
    const answer = await fetch(`http://127.0.0.1:${port}/v1.0/healthz`);
    if (answer.status === 204) return;
    if (Date.now() > end) throw new Error(`the sidecar at ${port} is not healthy: ${await answer.text()}`);
  }
}

/** What went wrong: some operations of the SDK throw it, others return it. */
async function refusal(call) {
  let answer;
  try {
    answer = await call();
  } catch (error) {
    return String(error?.error ?? error);
  }
  assert.ok(answer?.error, "it was not refused");
  return String(answer.error);
}

describe("metadata and health", limit, () => {
  it("a healthy sidecar says so", async () => {
    assert.strictEqual(await client.health.isHealthy(), true);
  });

  it("metadata names the app and its components", async () => {
    const metadata = await client.metadata.get();
    assert.strictEqual(metadata.id, "node");
    const components = metadata.components ?? metadata.registeredComponents;
    assert.ok(components.some((component) => component.name === "statestore" && component.type === "state.sqlite"), JSON.stringify(metadata));
  });

  it("metadata can be set", async () => {
    assert.strictEqual(await client.metadata.set("colour", "green"), true);
    const metadata = await client.metadata.get();
    assert.match(JSON.stringify(metadata), /green/);
  });
});

describe("secrets", limit, () => {
  it("one secret", async () => {
    assert.deepStrictEqual({ ...(await client.secret.get("secretstore", "database")) }, { database: "open sesame" });
  });

  it("all secrets", async () => {
    assert.match(JSON.stringify(await client.secret.getBulk("secretstore")), /open sesame/);
  });

  it("a missing secret is an error", async () => {
    await assert.rejects(client.secret.get("secretstore", "none"));
  });
});

describe("state", limit, () => {
  const key = (name) => `${env.CLIENT_PROTOCOL}-${env.APP_PROTOCOL}-${name}`;

  it("what is saved is read, and gone after its deletion", async () => {
    await client.state.save("statestore", [{ key: key("a"), value: { subject: "كتاب", pages: 3 } }, { key: key("b"), value: "text" }]);
    assert.deepStrictEqual(await client.state.get("statestore", key("a")), { subject: "كتاب", pages: 3 });
    assert.strictEqual(await client.state.get("statestore", key("b")), "text");
    await client.state.delete("statestore", key("a"));
    assert.strictEqual(await client.state.get("statestore", key("a")), "");
  });

  it("many at once", async () => {
    await client.state.save("statestore", [1, 2, 3].map((number) => ({ key: key(`bulk${number}`), value: { number } })));
    const items = await client.state.getBulk("statestore", [1, 2, 3, 4].map((number) => key(`bulk${number}`)), { parallelism: 2 });
    const found = Object.fromEntries(items.map((item) => [item.key, item.data]));
    assert.deepStrictEqual(found[key("bulk2")], { number: 2 });
    assert.ok(!found[key("bulk4")]);
  });

  it("an etag that is not the last one is refused", async () => {
    const name = key("etag");
    await client.state.save("statestore", [{ key: name, value: { version: 1 } }]);
    const [{ etag }] = await client.state.getBulk("statestore", [name]);
    await client.state.save("statestore", [{ key: name, value: { version: 2 }, etag, options: { concurrency: StateConcurrencyEnum.CONCURRENCY_FIRST_WRITE, consistency: StateConsistencyEnum.CONSISTENCY_STRONG } }]);
    const wrong = await refusal(() => client.state.save("statestore", [{ key: name, value: { version: 3 }, etag, options: { concurrency: StateConcurrencyEnum.CONCURRENCY_FIRST_WRITE } }]));
    assert.match(wrong, /etag mismatch/);
    assert.match(await refusal(() => client.state.delete("statestore", name, { etag, concurrency: StateConcurrencyEnum.CONCURRENCY_FIRST_WRITE })), /etag mismatch/);
    assert.deepStrictEqual(await client.state.get("statestore", name), { version: 2 });
  });

  it("a transaction is done as a whole", async () => {
    await client.state.save("statestore", [{ key: key("gone"), value: "x" }]);
    await client.state.transaction("statestore", [
      { operation: "upsert", request: { key: key("kept"), value: "y" } },
      { operation: "delete", request: { key: key("gone") } },
    ]);
    assert.strictEqual(await client.state.get("statestore", key("kept")), "y");
    assert.strictEqual(await client.state.get("statestore", key("gone")), "");
  });

  it("or not at all", async () => {
    await client.state.save("statestore", [{ key: key("guarded"), value: "x" }]);
    await assert.rejects(client.state.transaction("statestore", [
      { operation: "upsert", request: { key: key("never"), value: "y" } },
      { operation: "upsert", request: { key: key("guarded"), value: "z", etag: { value: "wrong" }, options: { concurrency: StateConcurrencyEnum.CONCURRENCY_FIRST_WRITE } } },
    ]));
    assert.strictEqual(await client.state.get("statestore", key("never")), "");
  });

  it("a time to live is kept", async () => {
    await client.state.save("statestore", [{ key: key("short"), value: "x", metadata: { ttlInSeconds: "1" } }]);
    assert.strictEqual(await client.state.get("statestore", key("short")), "x");
    for (const end = Date.now() + 10000; (await client.state.get("statestore", key("short"))) !== ""; await sleep(50)) assert.ok(Date.now() < end, "it is still there");
  });

  it("a store without queries refuses one", async () => {
    await assert.rejects(client.state.query("statestore", { filter: { EQ: { a: 1 } }, sort: [], page: { limit: 1 } }), /does not support querying/);
  });

  it("an unknown store is an error", async () => {
    assert.match(await refusal(() => client.state.save("none", [{ key: "a", value: 1 }])), /none is not found/);
  });
});

describe("publish and subscribe", limit, () => {
  const published = async (topic, data, options) => assert.deepStrictEqual(await client.pubsub.publish("pubsub", topic, data, options), {});

  it("an object", async () => {
    await published("plain", { subject: "كتاب", pages: 3 });
    assert.deepStrictEqual((await log.until("plain", 1))[0].data, { subject: "كتاب", pages: 3 });
  });

  it("a text", async () => {
    await published("plain", "only text");
    assert.ok((await log.until("plain", (all) => all.some((one) => one.data === "only text"))).length > 0);
  });

  it("a CloudEvent of the publisher's own", async () => {
    await published("plain", { specversion: "1.0", type: "letter.sent", source: "desk", id: "17", datacontenttype: "application/json", data: { own: true } });
    await log.until("plain", (all) => all.some((one) => one.data?.own === true));
  });

  it("with a route of its own", async () => {
    await published("own-route", { a: 1 });
    assert.deepStrictEqual((await log.until("own-route", 1))[0].data, { a: 1 });
  });

  it("without an envelope", async () => {
    await published("raw", { bare: true }, { metadata: { rawPayload: "true" } });
    assert.match(JSON.stringify((await log.until("raw", 1))[0].data), /bare/);
  });

  it("each event goes by the first rule that matches", async () => {
    await published("routed", { specversion: "1.0", type: "letter", source: "desk", id: "1", datacontenttype: "application/json", data: { n: 1 } });
    await published("routed", { n: 2, urgent: true });
    await published("routed", { n: 3 });
    assert.deepStrictEqual((await log.until("routed letter", 1))[0].data, { n: 1 });
    assert.deepStrictEqual((await log.until("routed urgent", 1))[0].data, { n: 2, urgent: true });
    assert.deepStrictEqual((await log.until("routed default", 1))[0].data, { n: 3 });
  });

  it("what is dropped comes to the dead-letter topic", async () => {
    await published("poison", { bad: true });
    assert.deepStrictEqual((await log.until("poison dead", 1))[0].data, { bad: true });
    assert.strictEqual(log.of("poison").length, 1);
  });

  it("what is to be retried comes again", async () => {
    await published("retried", { n: 1 });
    await log.until("retried", 3);
  });

  it("in bulk, both ways", async () => {
    const numbers = [...Array(25).keys()];
    const answer = await client.pubsub.publishBulk("pubsub", "bulk", numbers.map((n) => ({ n })));
    assert.deepStrictEqual(answer.failedMessages, []);
    const got = await log.until("bulk", 25);
    assert.deepStrictEqual(got.map((one) => one.data.n).sort((a, b) => a - b), numbers);
  });

  it("an unknown pubsub is an error", async () => {
    assert.match(await refusal(() => client.pubsub.publish("none", "plain", {})), /pubsub none is not found/);
  });
});

describe("invocation", limit, () => {
  it("of another app, with every verb", async () => {
    const got = await client.invoker.invoke("peer", "some/path", HttpMethod.GET);
    assert.strictEqual(got.url.split("?")[0], "/some/path");
    assert.strictEqual(got.caller, "node");
    for (const method of [HttpMethod.POST, HttpMethod.PUT, HttpMethod.DELETE]) {
      const answer = await client.invoker.invoke("peer", "letters", method, { subject: "كتاب" });
      assert.strictEqual(answer.method, method.toUpperCase());
      assert.deepStrictEqual(JSON.parse(answer.body), { subject: "كتاب" });
    }
  });

  it("with headers", { skip: !overHttp }, async () => {
    const got = await client.invoker.invoke("peer", "x", HttpMethod.GET, undefined, { headers: { "X-Own": "mine" } });
    assert.strictEqual(got.own, "mine");
  });

  it("the other app's refusal comes back", async () => {
    await assert.rejects(client.invoker.invoke("peer", "refuse", HttpMethod.GET));
  });

  it("an unknown app is an error", async () => {
    await assert.rejects(client.invoker.invoke("nobody", "x", HttpMethod.GET));
  });

  it("by another app", async () => {
    const call = (method, path, body) => fetch(`http://127.0.0.1:${env.PEER_DAPR_HTTP_PORT}/v1.0/invoke/node/method/${path}`, { method, body, headers: body ? { "content-type": "application/json" } : {} });
    const greeting = await (await call("GET", "greet?name=world")).json();
    assert.match(greeting.greeting, /^hello /);
    const echo = await (await call("POST", "echo", `{"n":1}`)).json();
    assert.match(JSON.stringify(echo), /"n\\?":1|\\"n\\":1/);
    assert.match(JSON.stringify(await (await call("PUT", "echo", `{"n":2}`)).json()), /put/);
    assert.deepStrictEqual(await (await call("DELETE", "echo")).json(), { deleted: true });
  });
});

describe("bindings", limit, () => {
  it("out", async () => {
    await client.binding.send("files", "create", "text of a letter", { fileName: `${env.CLIENT_PROTOCOL}-${env.APP_PROTOCOL}.txt` });
    const read = await client.binding.send("files", "get", undefined, { fileName: `${env.CLIENT_PROTOCOL}-${env.APP_PROTOCOL}.txt` });
    assert.match(overHttp ? String(read) : Buffer.from(read.data).toString(), /text of a letter/);
  });

  it("an operation that there is not is an error", async () => {
    await assert.rejects(client.binding.send("files", "fly", "x"), /does not support operation fly/);
  });

  it("in", async () => {
    await log.until("tick", 2);
  });
});

describe("locks", limit, () => {
  it("one owner at a time", async () => {
    const resource = `desk-${env.CLIENT_PROTOCOL}-${env.APP_PROTOCOL}`;
    assert.deepStrictEqual(await client.lock.lock("lockstore", resource, "one", 60), { success: true });
    assert.deepStrictEqual(await client.lock.lock("lockstore", resource, "two", 60), { success: false });
    assert.strictEqual((await client.lock.unlock("lockstore", resource, "two")).status, LockBelongsToOthers);
    assert.strictEqual((await client.lock.unlock("lockstore", resource, "one")).status, Success);
    assert.strictEqual((await client.lock.unlock("lockstore", resource, "one")).status, LockDoesNotExist);
    assert.deepStrictEqual(await client.lock.lock("lockstore", resource, "two", 60), { success: true });
    await client.lock.unlock("lockstore", resource, "two");
  });

  it("a lock ends by itself", async () => {
    const resource = `short-${env.CLIENT_PROTOCOL}-${env.APP_PROTOCOL}`;
    assert.deepStrictEqual(await client.lock.lock("lockstore", resource, "one", 1), { success: true });
    for (const end = Date.now() + 10000; !(await client.lock.lock("lockstore", resource, "two", 60)).success; await sleep(50)) assert.ok(Date.now() < end, "it is still held");
  });
});

// The SDK has this over gRPC only.
describe("configuration", { ...limit, skip: overHttp }, () => {
  const write = (items) => {
    const file = path.join(env.SIDECAR_FOLDER, "configuration.json");
    fs.writeFileSync(`${file}.tmp`, JSON.stringify(items));
    fs.renameSync(`${file}.tmp`, file);
  };

  it("read, some keys or all", async () => {
    write({ colour: "green", size: { value: "large", version: "7" } });
    for (const end = Date.now() + 10000; !(await client.configuration.get("configstore")).items.size; await sleep(50)) assert.ok(Date.now() < end, "nothing is there");
    const { items } = await client.configuration.get("configstore", ["size"]);
    assert.deepStrictEqual(Object.keys(items), ["size"]);
    assert.strictEqual(items.size.value, "large");
    assert.strictEqual(items.size.version, "7");
    assert.strictEqual((await client.configuration.get("configstore")).items.colour.value, "green");
  });

  it("changes are told until the subscription ends", async () => {
    write({ colour: "green" });
    const seen = [];
    const all = await client.configuration.subscribe("configstore", async (change) => void seen.push(...Object.entries(change.items).map(([key, item]) => `all ${key} ${item.value}`)));
    const one = await client.configuration.subscribeWithKeys("configstore", ["colour"], async (change) => void seen.push(...Object.entries(change.items).map(([key, item]) => `one ${key} ${item.value}`)));
    // Each is there once it has told something; until then the file goes on changing.
    for (let number = 0, end = Date.now() + 20000; !seen.some((entry) => entry.startsWith("all colour")) || !seen.some((entry) => entry.startsWith("one colour")); number++) {
      write({ colour: `shade ${number}` });
      await sleep(100);
      assert.ok(Date.now() < end, `only ${seen}`);
    }
    await one.stop();
    write({ colour: "red", size: "small" });
    for (const end = Date.now() + 20000; !seen.includes("all size small") || !seen.includes("all colour red"); await sleep(20)) assert.ok(Date.now() < end, `only ${seen}`);
    assert.ok(!seen.includes("one colour red") && !seen.includes("one size small"), `${seen}`);
    await all.stop();
  });
});

describe("actors", { ...limit, skip: !httpApp }, () => {
  const actor = (id) => new ActorProxyBuilder(CounterActor, client).build(new ActorId(id));
  const name = (id) => `${env.CLIENT_PROTOCOL}-${id}`;

  // The SDK's gRPC client names no content type, so that its own HTTP server does not read the arguments.
  it("methods and state", { skip: !overHttp }, async () => {
    const counter = actor(name("a b-ü"));
    assert.strictEqual(Number(await counter.add(2)), 2);
    assert.strictEqual(Number(await counter.add(3)), 5);
    assert.strictEqual(Number(await counter.count()), 5);
    await counter.forget();
    assert.strictEqual(Number(await counter.count()), 0);
  });

  it("one turn after the other", async () => {
    const counter = actor(name("busy"));
    await Promise.all([...Array(20)].map(() => counter.add()));
    assert.strictEqual(Number(await counter.count()), 20);
  });

  it("its failure comes back", async () => {
    await assert.rejects(actor(name("failing")).fail());
  });

  it("timers", async () => {
    const counter = actor(name("timer"));
    await counter.startTimer();
    await log.until(`timer ${name("timer")}`, 2);
    await counter.stopTimer();
  });

  it("reminders", async () => {
    const counter = actor(name("reminder"));
    await counter.startReminder();
    await log.until(`reminder ${name("reminder")}`, 2);
    await counter.stopReminder();
  });
});

describe("workflows", limit, () => {
  let worker, flows;

  before(async () => {
    worker = await workflows.startWorker(env.DAPR_GRPC_PORT, quiet);
    flows = new DaprWorkflowClient({ daprHost: "127.0.0.1", daprPort: env.DAPR_GRPC_PORT, logger: quiet });
  });

  after(async () => {
    await worker?.stop();
    await flows?.stop();
  });

  const run = async (workflow, input) => {
    const id = await flows.scheduleNewWorkflow(workflow, input);
    return await flows.waitForWorkflowCompletion(id, true, 30);
  };

  it("activities one after the other", async () => {
    const state = await run(workflows.chain, 3);
    assert.strictEqual(state.runtimeStatus, WorkflowRuntimeStatus.COMPLETED);
    assert.strictEqual(state.serializedOutput, "12");
  });

  it("activities side by side", async () => {
    assert.strictEqual((await run(workflows.fanOut, [1, 2, 3, 4])).serializedOutput, "20");
  });

  it("an event from outside", async () => {
    const id = await flows.scheduleNewWorkflow(workflows.approval);
    await flows.waitForWorkflowStart(id, false, 30);
    await flows.raiseEvent(id, "decided", { approved: true });
    const state = await flows.waitForWorkflowCompletion(id, true, 30);
    assert.deepStrictEqual(JSON.parse(state.serializedOutput), { decision: { approved: true } });
  });

  it("a timer", async () => {
    assert.strictEqual((await run(workflows.patient)).serializedOutput, `"timed out"`);
  });

  it("a child", async () => {
    assert.strictEqual((await run(workflows.parent, 5)).serializedOutput, "20");
  });

  it("a failure", async () => {
    const state = await run(workflows.failing);
    assert.strictEqual(state.runtimeStatus, WorkflowRuntimeStatus.FAILED);
    assert.match(state.workflowFailureDetails.getErrorMessage(), /refused by the activity/);
  });

  it("suspended, resumed, terminated and purged", async () => {
    const id = await flows.scheduleNewWorkflow(workflows.approval);
    await flows.waitForWorkflowStart(id, false, 30);
    await flows.suspendWorkflow(id);
    await status(id, WorkflowRuntimeStatus.SUSPENDED);
    await flows.resumeWorkflow(id);
    await status(id, WorkflowRuntimeStatus.RUNNING);
    await flows.terminateWorkflow(id, "enough");
    await status(id, WorkflowRuntimeStatus.TERMINATED);
    assert.strictEqual(await flows.purgeWorkflow(id), true);
    assert.strictEqual(await flows.getWorkflowState(id, false), undefined);
  });

  it("by the older API of the client", { skip: !overHttp }, async () => {
    const id = await client.workflow.scheduleNewWorkflow("approval", undefined, `old-${env.APP_PROTOCOL}-${Date.now()}`);
    await flows.waitForWorkflowStart(id, false, 30);
    assert.strictEqual((await client.workflow.getWorkflowState(id)).runtimeStatus, "RUNNING");
    await client.workflow.raiseEvent(id, "decided", { by: "http" });
    assert.match((await flows.waitForWorkflowCompletion(id, true, 30)).serializedOutput, /http/);
    await client.workflow.purge(id);
  });

  async function status(id, wanted) {
    for (const end = Date.now() + 20000; ; await sleep(20)) {
      const state = await flows.getWorkflowState(id, false);
      if (state.runtimeStatus === wanted) return;
      assert.ok(Date.now() < end, `the workflow is ${state.runtimeStatus}`);
    }
  }
});
