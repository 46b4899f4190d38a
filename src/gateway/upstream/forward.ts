import type { ServerResponse } from 'node:http'
import type { Dispatcher, Pool } from 'undici'
import type { HeaderEdits } from '../header-edits.js'
import type { IncomingRequest } from '../incoming.js'
import { receivedField, responseHeaders } from './response-headers.js'

/** One request on its way to one endpoint. */
export interface Forwarding {
  readonly pool: Pool
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly headers: readonly string[]
  /** Null: nothing. A buffer is framed by its length, a request by what its client declared. */
  readonly body: Buffer | IncomingRequest | null
  readonly response: ServerResponse
  readonly requestId: string
  /** Milliseconds that the gateway took before the upstream was asked. */
  readonly proxyLatencyMs: number
  readonly downstream: HeaderEdits
  /** Called with the upstream's status before anything goes to the client: the last moment for edits. */
  readonly onStatus: (status: number, received: (name: string) => string | undefined) => void
  /** Whose client may still be sending when the answer begins: then the answer ends the connection. */
  readonly request: Pick<IncomingRequest, 'isUnfinished'>
}

export type ForwardResult =
  /** The answer went out, whole. */
  | { readonly kind: 'answered'; readonly status: number; readonly latencyMs: number }
  /** Nothing has been sent to the client. `isUnsent`: the upstream has not seen a byte of the request either. */
  | { readonly kind: 'failed'; readonly isUnsent: boolean; readonly isTimeout: boolean; readonly error: Error; readonly latencyMs: number }
  /** The answer had begun; the client's connection is cut, so that it does not look whole (G-16). */
  | { readonly kind: 'truncated'; readonly status: number; readonly error: Error; readonly latencyMs: number }
  /** The client left; the upstream's connection is given up (F-28). */
  | { readonly kind: 'client_left'; readonly latencyMs: number }

/** More interim answers than this before the final one is a fault (G-15). */
const MAX_INTERIM = 16

/** Sends one request upstream and its answer to the client as it comes, with back-pressure. Never rejects. */
export function forward(forwarding: Forwarding): Promise<ForwardResult> {
  return new Promise((resolve) => {
    const { pool, method, path, headers, body } = forwarding
    const relay = new Relay(forwarding, resolve)
    try {
      const isStream = body !== null && !Buffer.isBuffer(body)
      if (isStream) body.allowBody()
      pool.dispatch(
        {
          method: method as Dispatcher.HttpMethod,
          path,
          headers: withFraming(headers, body) as string[],
          body: isStream ? body.message : body,
        },
        relay,
      )
    } catch (error) {
      relay.fail(error as Error)
    }
  })
}

/** The declared length goes along with a streamed body; undici frames everything else. */
function withFraming(headers: readonly string[], body: Forwarding['body']): readonly string[] {
  const length = body === null || Buffer.isBuffer(body) ? undefined : body.headers['content-length']
  return length === undefined ? headers : [...headers, 'content-length', length]
}

/** Receives the upstream's answer and passes it on. One object for each attempt, no closures. */
class Relay implements Dispatcher.DispatchHandler {
  readonly #forwarding: Forwarding
  readonly #resolve: (result: ForwardResult) => void
  readonly #started = performance.now()
  readonly #onClose: () => void
  #controller: Dispatcher.DispatchController | undefined
  #status = 0
  #latencyMs = 0
  #interim = 0
  #hasData = false
  #isOver = false

  constructor(forwarding: Forwarding, resolve: (result: ForwardResult) => void) {
    this.#forwarding = forwarding
    this.#resolve = resolve
    this.#onClose = this.#clientLeft.bind(this)
    forwarding.response.once('close', this.#onClose)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#isOver) controller.abort(new Error('the client has left'))
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, _headers: unknown, statusMessage?: string): void {
    if (status < 200) {
      if (++this.#interim > MAX_INTERIM || status < 100) throw new Error('too many interim answers')
      return
    }
    if (status > 599) throw new Error(`status ${status}`)
    const { response, requestId, proxyLatencyMs, downstream, onStatus, request } = this.#forwarding
    this.#latencyMs = performance.now() - this.#started
    const raw = controller.rawHeaders as Buffer[]
    onStatus(status, (name) => receivedField(raw, name))
    const fields = responseHeaders(raw, {
      requestId,
      upstreamLatencyMs: Math.round(this.#latencyMs),
      proxyLatencyMs,
      edits: downstream,
      closes: request.isUnfinished,
    })
    response.writeHead(status, statusMessage ?? '', fields)
    this.#status = status
    // a stream of events may begin with silence: its head does not wait for the first one (G-161)
    if (response.chunkedEncoding) setImmediate(() => this.#hasData || this.#isOver || response.flushHeaders())
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const { response } = this.#forwarding
    this.#hasData = true
    if (response.write(chunk) || response.destroyed) return
    controller.pause()
    response.once('drain', () => controller.resume())
  }

  onResponseEnd(): void {
    if (!this.#end()) return
    this.#forwarding.response.end()
    this.#resolve({ kind: 'answered', status: this.#status, latencyMs: this.#latencyMs })
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    this.fail(error)
  }

  fail(error: Error): void {
    if (!this.#end()) return
    const { response } = this.#forwarding
    const latencyMs = performance.now() - this.#started
    if (response.headersSent) {
      response.destroy()
      this.#resolve({ kind: 'truncated', status: this.#status, error, latencyMs })
      return
    }
    const isTimeout = /TIMEOUT/.test((error as NodeJS.ErrnoException).code ?? '')
    this.#resolve({ kind: 'failed', isUnsent: this.#controller === undefined, isTimeout, error, latencyMs })
  }

  #clientLeft(): void {
    if (!this.#end()) return
    this.#controller?.abort(new Error('the client has left'))
    this.#resolve({ kind: 'client_left', latencyMs: performance.now() - this.#started })
  }

  /** @returns false when it was over already. */
  #end(): boolean {
    if (this.#isOver) return false
    this.#isOver = true
    this.#forwarding.response.off('close', this.#onClose)
    return true
  }
}
