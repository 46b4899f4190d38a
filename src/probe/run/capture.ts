import { parseBearer } from '../../http/authorization.js'
import { readCompactJwt } from '../../jwt/compact.js'
import { parseJson } from '../echo.js'
import type { Observation } from '../expect/assertion.js'
import { redirectOf } from '../expect/redirect.js'
import { headerText, headerValues } from '../request.js'
import { parseSetCookie } from '../set-cookie.js'
import type { CaptureSource } from '../suite/suite.js'

/** The captured value, or undefined when the answer has none. */
export function capture(source: CaptureSource, { answer, hops, upstream }: Observation): unknown {
  switch (source.from) {
    case 'json':
      return source.query.find(parseJson(answer.body) ?? null)[0]
    case 'header': {
      const text = headerText(answer.headers, source.name)
      if (text === undefined || source.pattern === undefined) return text
      const match = new RegExp(source.pattern).exec(text)
      return match?.[1] ?? match?.[0]
    }
    case 'cookie':
      return headerValues(answer.headers, 'set-cookie')
        .flatMap((field) => parseSetCookie(field) ?? [])
        .findLast(({ name }) => name === source.name)?.value
    case 'parameter': {
      const last = hops.at(-1)?.request
      return redirectOf(answer, last && last.origin + last.path)?.searchParams.get(source.name) ?? undefined
    }
    case 'claim': {
      const token = parseBearer(upstream?.headers['authorization'])
      return token === undefined ? undefined : readCompactJwt(token).value?.payload[source.name]
    }
    case 'status':
      return answer.status
  }
}
