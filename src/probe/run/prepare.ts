import { checkPath, splitUrl, withHeader, type HeaderPair, type ProbeRequest } from '../request.js'
import type { ProbeCase, RequestTemplate, SuiteGateway } from '../suite/suite.js'
import { fillDeep, fillString, type TemplateScope } from '../template.js'
import { encodeBody } from './body.js'

/** The request of a case with every template filled in. @throws {OidcgwError} `ERR_USAGE` when what came of it is no request. */
export async function prepareRequest(template: RequestTemplate, gateway: SuiteGateway, scope: TemplateScope): Promise<ProbeRequest> {
  const target = locate(fillString(template.target, scope), gateway)
  const pair = ([name, value]: HeaderPair): HeaderPair => [name, fillString(value, scope)]
  const query = new URLSearchParams(template.query.map(pair) as [string, string][]).toString()
  const cookies = template.cookies.map(pair).map(([name, value]) => `${name}=${value}`)
  let headers: readonly HeaderPair[] = template.headers.map(pair)
  if (cookies.length > 0) headers = [...headers, ['cookie', cookies.join('; ')]]
  const body = template.body && (await encodeBody(fillDeep(template.body, scope), scope.uuid))
  if (body?.contentType) headers = withHeader(headers, 'content-type', body.contentType)
  const path = query ? `${target.path}${target.path.includes('?') ? '&' : '?'}${query}` : target.path
  return { method: template.method, origin: target.origin, path, headers, ...(body && { body: body.bytes }) }
}

function locate(target: string, { url }: SuiteGateway): { readonly origin: string; readonly path: string } {
  if (!target.startsWith('/')) return splitUrl(target)
  const base = splitUrl(url)
  return { origin: base.origin, path: checkPath(base.path.replace(/\?.*$/, '').replace(/\/$/, '') + target) }
}

/** Whether anything of a case changes from run to run. One that does not is prepared once. */
export function isStatic({ request, expect }: ProbeCase): boolean {
  return request.body?.kind !== 'multipart' && !JSON.stringify([request, expect]).includes('${')
}

/** Captured names that a case speaks of. */
export function neededCaptures({ request, expect }: ProbeCase): string[] {
  return [...JSON.stringify([request, expect]).matchAll(/\$\{\s*captures\.([^}\s]+)\s*\}/g)].map(([, name]) => name as string)
}
