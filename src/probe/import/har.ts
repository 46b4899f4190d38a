import { z } from 'zod'
import type { BodyTemplate, RequestTemplate } from '../suite/suite.js'

const NameValue = z.object({ name: z.string(), value: z.string() })

const HarSchema = z.object({
  log: z.object({
    entries: z.array(
      z.object({
        request: z.object({
          method: z.string().min(1),
          url: z.string().regex(/^https?:\/\//, 'is no http or https URL'),
          headers: z.array(NameValue).default([]),
          postData: z
            .object({
              mimeType: z.string().default(''),
              text: z.string().optional(),
              params: z.array(NameValue.partial({ value: true })).optional(),
            })
            .optional(),
        }),
        response: z.object({ status: z.int() }),
      }),
    ),
  }),
})

export interface RecordedRequest {
  readonly request: RequestTemplate
  /** As recorded; 0 means the browser got no answer. */
  readonly status: number
}

/** Fields that are of that moment and connection, or that would carry a recorded secret. */
const DROPPED =
  /^(:.*|host|connection|content-length|transfer-encoding|accept-encoding|authorization|cookie|proxy-.*|upgrade.*|if-.*|sec-ch-.*|dpop)$/i

/**
 * Requests of a HAR 1.2 file in their order. Recorded cookies and `Authorization` are left out: the identity of the case brings its own.
 * @throws {z.ZodError} when the document is no HAR.
 */
export function parseHar(document: unknown): RecordedRequest[] {
  return HarSchema.parse(document).log.entries.map(({ request, response }) => {
    const body = bodyOf(request.postData)
    const headers = request.headers.filter(({ name }) => !DROPPED.test(name)).map(({ name, value }): [string, string] => [name, value])
    return {
      status: response.status,
      request: { method: request.method, target: request.url.replace(/#.*$/s, ''), query: [], headers, cookies: [], ...(body && { body }) },
    }
  })
}

function bodyOf(
  data: { text?: string | undefined; params?: { name: string; value?: string | undefined }[] | undefined } | undefined,
): BodyTemplate | undefined {
  if (data?.text !== undefined) return { kind: 'raw', text: data.text }
  if (data?.params) return { kind: 'form', fields: data.params.map(({ name, value = '' }) => [name, value]) }
  return undefined
}
