import { headerText, type ProbeAnswer } from './request.js'

/** What the upstream says it received, read from an httpbin-like answer. Names in lower case. */
export interface UpstreamView {
  readonly headers: Readonly<Record<string, string>>
  readonly method?: string
  readonly url?: string
}

/** Where an echo shows the request's headers when nobody said: httpbin and our own echo. */
export const DEFAULT_ECHO = 'body.headers'

/**
 * Reads what arrived behind the gateway from the answer, or undefined when it shows nothing of the kind.
 * @param where `body` or a dotted path inside the JSON body that holds the header map. Default `body.headers`.
 */
export function readEcho(answer: ProbeAnswer, where: string = DEFAULT_ECHO): UpstreamView | undefined {
  if (!/json/i.test(headerText(answer.headers, 'content-type') ?? '')) return undefined
  const body = parseJson(answer.body)
  const [root, ...names] = where.split('.')
  if (root !== 'body' || !isRecord(body)) return undefined
  const found = names.reduce<unknown>((value, name) => (isRecord(value) ? value[name] : undefined), body)
  if (!isRecord(found)) return undefined
  const headers: Record<string, string> = Object.create(null) as Record<string, string>
  for (const [name, value] of Object.entries(found)) {
    const text = Array.isArray(value)
      ? value.join(', ')
      : typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
        ? String(value)
        : undefined
    if (text !== undefined) headers[name.toLowerCase()] = text
  }
  const { method, url } = body
  return { headers, ...(typeof method === 'string' && { method }), ...(typeof url === 'string' && { url }) }
}

/** The body as JSON, or undefined when it is none. */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown
  } catch {
    return undefined
  }
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
