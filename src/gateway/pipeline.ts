import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ReasonCode } from '../trace/reason.js'
import type { ExchangeTrace } from '../trace/trace.js'
import { answer } from './answer.js'
import { coreError } from './core-error.js'
import { createExchange } from './exchange.js'
import type { Generation } from './generation.js'
import { IncomingRequest, readIncoming } from './incoming.js'
import type { Exchange, PluginInstance, Reply } from './plugins/plugin.js'
import { Recorder, shownTarget } from './recorder.js'
import { BodyIncomplete, PayloadTooLarge } from './request.js'
import type { RouteMatch } from './router/router.js'
import { sendUpstream } from './upstream/send.js'

/** What the pipeline needs of the gateway that runs it. */
export interface PipelineContext {
  readonly generation: () => Generation
  readonly nextRequestId: () => string
  readonly now: () => number
  /** Absent when nobody wants traces: then none are made. */
  readonly onTrace: ((trace: ExchangeTrace) => void) | undefined
  readonly onFault: (requestId: string, error: unknown) => void
  /** Adds `X-Oidcgw-Reason` to answers that have one. Off unless asked for: Kong has no such header. */
  readonly reasonHeader: boolean
}

/** What is known of one request so far. */
interface Run {
  readonly message: IncomingMessage
  readonly response: ServerResponse
  readonly context: PipelineContext
  readonly generation: Generation
  readonly recorder: Recorder
  request: IncomingRequest | undefined
  exchange: Exchange | undefined
  /** The plugins that have seen the request: they see its answer too. */
  readonly ran: PluginInstance[]
}

/** How a request ended, for its trace. Status 499: the client left first. */
export interface Outcome {
  readonly status: number
  readonly reason: ReasonCode | undefined
}

/** Takes one request from its first octet to its trace. Never rejects. */
export async function handle(message: IncomingMessage, response: ServerResponse, context: PipelineContext): Promise<void> {
  const recorder = new Recorder(context.nextRequestId(), context.now, context.onTrace !== undefined)
  const generation = context.generation()
  const run: Run = { message, response, context, generation, recorder, request: undefined, exchange: undefined, ran: [] }
  generation.enter()
  let outcome: Outcome
  try {
    outcome = await serve(run)
  } catch (error) {
    outcome = fault(run, error)
  } finally {
    generation.leave()
  }
  if (!context.onTrace) return
  const { request, exchange } = run
  const target = request ? shownTarget(request.path, request.query) : '(unreadable)'
  context.onTrace(recorder.finish(message.method ?? '', target, outcome, exchange))
}

/**
 * The order is law: normalise → route → plugins by priority → strip and inject → forward.
 * Whatever throws on the way, the upstream sees nothing of the request.
 */
async function serve(run: Run): Promise<Outcome> {
  const { message, response, context, generation, recorder, ran } = run

  const request = readIncoming(message, response)
  if (!(request instanceof IncomingRequest)) {
    recorder.decide({ name: 'request', outcome: 'fail', reason: 'bad_request', detail: request.why })
    return reply(run, coreError(request.status, request.message, 'bad_request'))
  }
  run.request = request

  const routing = generation.router.match(request)
  if (routing.kind === 'none') return reply(run, coreError(404, 'no Route matched with those values', 'no_route'))
  if (routing.kind === 'https_required') return reply(run, httpsRequired(routing, request))

  const plan = generation.plan(routing.route)
  const exchange = createExchange(recorder, request, plan, routing, generation.config, context.now)
  run.exchange = exchange
  const { chain, never } = plan[request.scheme]
  for (const link of chain.links) {
    const instance = generation.plugins.choose(link, exchange)
    if (!instance) continue
    ran.push(instance)
    const said = instance.access(exchange)
    const made = said instanceof Promise ? await said : said
    if (made) return reply(run, made)
  }

  const sent = await sendUpstream({ request, response, exchange, plan, routing, never, recorder, generation, ran })
  return 'core' in sent ? reply(run, sent) : sent
}

/** Answers in the gateway's own name. */
function reply(run: Run, made: Reply): Outcome {
  const { message, response, context, recorder, request, exchange, ran } = run
  if (exchange) for (const instance of ran) instance.response?.(exchange, made.status, (name) => replyField(made, name))
  const explained = context.reasonHeader && made.reason ? { ...made, headers: { ...made.headers, 'X-Oidcgw-Reason': made.reason } } : made
  answer(response, explained, {
    requestId: recorder.id,
    accept: message.headers.accept,
    latencyMs: recorder.elapsedMs(),
    downstream: exchange?.downstream,
    closes: request ? request.isUnfinished : true,
  })
  return { status: made.status, reason: made.reason }
}

/** Nothing is forwarded; the client learns nothing of the cause. */
function fault(run: Run, error: unknown): Outcome {
  const { response, context, recorder } = run
  if (error instanceof BodyIncomplete) return { status: 499, reason: undefined }
  if (!(error instanceof PayloadTooLarge)) context.onFault(recorder.id, error)
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return { status: 500, reason: 'internal_error' }
  }
  // Plugins have had their chance; whoever threw must not throw again while this is answered.
  run.ran.length = 0
  if (error instanceof PayloadTooLarge) return reply(run, coreError(413, 'Payload too large', 'bad_request'))
  return reply(run, { status: 500, body: JSON.stringify({ message: 'An unexpected error occurred' }), reason: 'internal_error' })
}

function replyField({ headers = {} }: Reply, name: string): string | undefined {
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]
  return found === undefined ? undefined : [found].flat().join(', ')
}

/** 426 with the upgrade it asks for, or the redirect that the route wants (section 8.4.7). */
function httpsRequired({ route }: RouteMatch, request: IncomingRequest): Reply {
  const status = route.https_redirect_status_code
  if (status === 426) {
    return coreError(426, 'Please use HTTPS protocol', 'https_required', { Connection: 'Upgrade', Upgrade: 'TLS/1.2, HTTP/1.1' })
  }
  const target = request.query === '' ? request.path : `${request.path}?${request.query}`
  return { status, headers: { Location: `https://${request.host}${target}` }, reason: 'https_required' }
}
