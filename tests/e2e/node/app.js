"use strict";
// The app of these tests: everything that a DaprServer of the SDK can serve, and what came in by each way.

const http = require("node:http");
const express = require("express");
const { AbstractActor, CommunicationProtocolEnum, DaprPubSubStatusEnum, DaprServer, HttpMethod, Temporal } = require("@dapr/dapr");

const quiet = { level: "error" };

/** Events by name, and a wait for the next ones. */
class Log {
  constructor() {
    this.entries = new Map();
  }

  add(name, entry) {
    this.of(name).push(entry);
  }

  of(name) {
    if (!this.entries.has(name)) this.entries.set(name, []);
    return this.entries.get(name);
  }

  /** Resolves with all entries once `count` of them (or what `enough` says) are there. */
  async until(name, count, seconds = 20) {
    const enough = typeof count === "function" ? count : (entries) => entries.length >= count;
    for (const end = Date.now() + seconds * 1000; !enough(this.of(name)); await sleep(10)) {
      if (Date.now() > end) throw new Error(`not within ${seconds} s: ${name}; there is ${JSON.stringify(this.of(name))}`);
    }
    return this.of(name);
  }
}

const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

const log = new Log();

/** The SDK calls a method that was given no argument with an empty one. */
const argument = (given, otherwise) => (typeof given === "number" ? given : otherwise);

class CounterActor extends AbstractActor {
  async onActivate() {
    log.add(`activated ${this.getActorId().getId()}`, true);
  }

  async onDeactivate() {
    log.add(`deactivated ${this.getActorId().getId()}`, true);
  }

  async add(given) {
    const amount = argument(given, 1);
    const [found, before] = await this.getStateManager().tryGetState("count");
    const count = (found ? before : 0) + amount;
    await this.getStateManager().setState("count", count);
    return count;
  }

  async count() {
    const [found, count] = await this.getStateManager().tryGetState("count");
    return found ? count : 0;
  }

  async forget() {
    await this.getStateManager().removeState("count");
  }

  async fail() {
    throw new Error("the actor does not want to");
  }

  async startTimer(given) {
    const seconds = argument(given, 1);
    await this.registerActorTimer("tick", "onTick", Temporal.Duration.from({ seconds }), Temporal.Duration.from({ seconds }), undefined, "timer data");
  }

  async stopTimer() {
    await this.unregisterActorTimer("tick");
  }

  async onTick(data) {
    log.add(`timer ${this.getActorId().getId()}`, data);
  }

  async startReminder(given) {
    const seconds = argument(given, 1);
    await this.registerActorReminder("wake", Temporal.Duration.from({ seconds }), Temporal.Duration.from({ seconds }), undefined, "reminder data");
  }

  async stopReminder() {
    await this.unregisterActorReminder("wake");
  }

  async receiveReminder(data) {
    log.add(`reminder ${this.getActorId().getId()}`, data);
  }
}

/** Starts a DaprServer of the given protocol with all its subscriptions, methods, bindings and actors. What it returns stops it. */
async function startApp(protocol, clientProtocol, env) {
  const overHttp = protocol === "http";
  const server = new DaprServer({
    serverHost: "127.0.0.1",
    serverPort: env.APP_PORT,
    communicationProtocol: overHttp ? CommunicationProtocolEnum.HTTP : CommunicationProtocolEnum.GRPC,
    serverHttp: overHttp ? onLoopback() : undefined,
    logger: quiet,
    clientOptions: {
      daprHost: "127.0.0.1",
      daprPort: clientProtocol === "http" ? env.DAPR_HTTP_PORT : env.DAPR_GRPC_PORT,
      communicationProtocol: clientProtocol === "http" ? CommunicationProtocolEnum.HTTP : CommunicationProtocolEnum.GRPC,
      logger: quiet,
    },
  });
  const keep = (name) => async (data, headers) => log.add(name, { data, headers });

  // The three ways to subscribe: one handler, routes by rules, and in bulk.
  await server.pubsub.subscribe("pubsub", "plain", keep("plain"));
  await server.pubsub.subscribe("pubsub", "own-route", keep("own-route"), "events/own");
  await server.pubsub.subscribe("pubsub", "raw", keep("raw"), undefined, { rawPayload: true });
  await server.pubsub.subscribeWithOptions("pubsub", "routed", {
    route: { default: "/routed-default", rules: [{ match: `event.type == "letter"`, path: "/routed-letter" }, { match: "has(event.data.urgent) && event.data.urgent", path: "/routed-urgent" }] },
  });
  server.pubsub.subscribeToRoute("pubsub", "routed", "/routed-default", keep("routed default"));
  server.pubsub.subscribeToRoute("pubsub", "routed", "/routed-letter", keep("routed letter"));
  server.pubsub.subscribeToRoute("pubsub", "routed", "/routed-urgent", keep("routed urgent"));
  await server.pubsub.subscribeWithOptions("pubsub", "poison", {
    deadLetterTopic: "poison-dead",
    callback: async (data) => {
      log.add("poison", data);
      return DaprPubSubStatusEnum.DROP;
    },
  });
  await server.pubsub.subscribe("pubsub", "poison-dead", keep("poison dead"));
  await server.pubsub.subscribe("pubsub", "retried", async (data) => {
    log.add("retried", data);
    return log.of("retried").length < 3 ? DaprPubSubStatusEnum.RETRY : DaprPubSubStatusEnum.SUCCESS;
  });
  await server.pubsub.subscribeBulk("pubsub", "bulk", keep("bulk"), { maxMessagesCount: 10, maxAwaitDurationMs: 200 });

  await server.invoker.listen("greet", async (call) => ({ greeting: `hello ${call.query ?? ""}` }), { method: HttpMethod.GET });
  await server.invoker.listen("echo", async (call) => ({ body: call.body, from: call.headers?.["dapr-caller-app-id"] }), { method: HttpMethod.POST });
  await server.invoker.listen("echo", async (call) => ({ put: call.body }), { method: HttpMethod.PUT });
  await server.invoker.listen("echo", async () => ({ deleted: true }), { method: HttpMethod.DELETE });

  await server.binding.receive("tick", async (data) => log.add("tick", data));

  if (overHttp) {
    await server.actor.init();
    await server.actor.registerActor(CounterActor);
  }
  const sessions = new Set();
  if (!overHttp) server.daprServer.server.on("session", (session) => sessions.add(session));
  await server.start();
  return {
    async stop() {
      const stopped = server.stop();
      // The SDK's gRPC server waits for its clients to leave; a sidecar stays.
      for (const session of sessions) session.destroy();
      await stopped;
    },
  };
}

/** The SDK listens at every address; these tests at 127.0.0.1 only. */
function onLoopback() {
  const app = express();
  app.listen = (port) => http.createServer(app).listen(port, "127.0.0.1");
  return app;
}

module.exports = { CounterActor, log, quiet, sleep, startApp };
