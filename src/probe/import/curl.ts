import { formatBasic } from '../../http/authorization.js'
import type { BodyTemplate, PartTemplate, RequestTemplate } from '../suite/suite.js'
import { shellWords } from './shell-words.js'

/** A curl command as a request, and what else it said. */
export interface ImportedRequest {
  readonly request: RequestTemplate
  readonly follow: number
  readonly timeoutMs?: number
}

const SHORT: Readonly<Record<string, string>> = {
  X: 'request', H: 'header', d: 'data', F: 'form', G: 'get', I: 'head', u: 'user', A: 'user-agent', e: 'referer', b: 'cookie',
  L: 'location', m: 'max-time', s: 'silent', S: 'show-error', i: 'include', v: 'verbose', o: 'output', w: 'write-out', f: 'fail', k: 'insecure', g: 'globoff',
  N: 'no-buffer', O: 'remote-name',
} // prettier-ignore

const WITH_VALUE = new Set([
  'request', 'header', 'data', 'data-raw', 'data-binary', 'data-ascii', 'data-urlencode', 'json', 'form', 'form-string', 'user', 'user-agent', 'referer',
  'cookie', 'max-time', 'output', 'write-out', 'url', 'max-redirs', 'oauth2-bearer', 'connect-timeout', 'request-target',
]) // prettier-ignore

const IGNORED = new Set([
  'silent', 'show-error', 'include', 'verbose', 'output', 'write-out', 'fail', 'fail-with-body', 'compressed', 'path-as-is', 'globoff', 'no-buffer',
  'remote-name', 'connect-timeout', 'http1.1', 'no-progress-meter', 'progress-bar',
]) // prettier-ignore

/**
 * Reads a `curl` command line. Options that only shape curl's output are taken silently; others we cannot honour are refused by name.
 * @throws {SyntaxError} naming what is wrong.
 */
export function parseCurl(command: string): ImportedRequest {
  const [program, ...words] = shellWords(command)
  if (program !== 'curl') throw new SyntaxError('does not start with curl')
  const { options, urls } = readOptions(words)
  const [url] = [...urls, ...options.filter(([name]) => name === 'url').map(([, value]) => value)]
  if (url === undefined) throw new SyntaxError('no URL')
  if (urls.length > 1) throw new SyntaxError('one URL a command')
  const values = (name: string): string[] => options.filter(([option]) => option === name).map(([, value]) => value)
  const has = (name: string): boolean => options.some(([option]) => option === name)
  const headers = values('header').map(readHeader)
  const named = (name: string): boolean => headers.some(([candidate]) => candidate.toLowerCase() === name)
  const implied = impliedHeaders(values, named)
  const data = readData(options)
  const form = [...values('form').map((text) => readPart(text, true)), ...values('form-string').map((text) => readPart(text, false))]
  const body: BodyTemplate | undefined = form.length > 0 ? { kind: 'multipart', parts: form } : has('get') ? undefined : data
  if (body && body.kind !== 'multipart' && !named('content-type')) {
    headers.push(['content-type', has('json') ? 'application/json' : 'application/x-www-form-urlencoded'])
  }
  if (has('json') && !named('accept')) headers.push(['accept', 'application/json'])
  const target = has('get') && data?.kind === 'raw' ? `${url}${url.includes('?') ? '&' : '?'}${data.text}` : url
  const method = values('request').at(-1) ?? (has('head') ? 'HEAD' : body ? 'POST' : 'GET')
  const seconds = Number(values('max-time').at(-1))
  return {
    request: {
      method,
      target: /^(https?:\/\/|\/)/.test(target) ? target : `http://${target}`,
      query: [],
      headers: [...headers, ...implied],
      cookies: [],
      ...(body && { body }),
    },
    follow: has('location') ? Number(values('max-redirs').at(-1) ?? 20) : 0,
    ...(seconds > 0 && { timeoutMs: seconds * 1000 }),
  }
}

type Option = readonly [name: string, value: string]

function readOptions(words: readonly string[]): { options: Option[]; urls: string[] } {
  const options: Option[] = []
  const urls: string[] = []
  const rest = [...words]
  const take = (name: string, attached: string | undefined): void => {
    const known = WITH_VALUE.has(name) || IGNORED.has(name) || ['get', 'head', 'location', 'insecure'].includes(name)
    if (!known) throw new SyntaxError(`the option ${name.length === 1 ? '-' : '--'}${name} is not supported`)
    if (name === 'insecure') throw new SyntaxError('-k is not taken over; pass --insecure to probe when you mean it')
    const value = WITH_VALUE.has(name) ? (attached ?? rest.shift()) : ''
    if (value === undefined) throw new SyntaxError(`--${name} needs a value`)
    if (!IGNORED.has(name)) options.push([name, value])
  }
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word.startsWith('--')) take(word.slice(2), undefined)
    else if (word.startsWith('-') && word.length > 1) {
      for (let at = 1; at < word.length; at++) {
        const letter = word[at] as string
        const name = SHORT[letter] ?? letter
        const attached = WITH_VALUE.has(name) && at + 1 < word.length ? word.slice(at + 1) : undefined
        take(name, attached)
        if (attached !== undefined || WITH_VALUE.has(name)) break
      }
    } else urls.push(word)
  }
  return { options, urls }
}

function readHeader(line: string): [string, string] {
  const at = line.indexOf(':')
  if (at < 1) throw new SyntaxError(`"${line.slice(0, 40)}" is no header`)
  return [line.slice(0, at).trim(), line.slice(at + 1).trim()]
}

function impliedHeaders(values: (name: string) => string[], named: (name: string) => boolean): [string, string][] {
  const implied: [string, string | undefined][] = [
    ['user-agent', values('user-agent').at(-1)],
    ['referer', values('referer').at(-1)],
    ['cookie', values('cookie').join('; ') || undefined],
    ['authorization', authorization(values)],
  ]
  return implied.filter((pair): pair is [string, string] => pair[1] !== undefined && !named(pair[0]))
}

function authorization(values: (name: string) => string[]): string | undefined {
  const user = values('user').at(-1)
  const bearer = values('oauth2-bearer').at(-1)
  if (bearer !== undefined) return `Bearer ${bearer}`
  if (user === undefined) return undefined
  const [username = '', ...password] = user.split(':')
  return formatBasic({ username, password: password.join(':') })
}

function readData(options: readonly Option[]): BodyTemplate | undefined {
  const parts = options.filter(([name]) => name === 'json' || name.startsWith('data'))
  if (parts.length === 0) return undefined
  const file = parts.find(([name, value]) => name !== 'data-raw' && name !== 'data-urlencode' && value.startsWith('@'))
  if (file && parts.length === 1) return { kind: 'file', path: file[1].slice(1) }
  if (file) throw new SyntaxError('a file together with other data is not supported')
  const texts = parts.map(([name, value]) => (name === 'data-urlencode' ? encodePart(value) : value))
  return { kind: 'raw', text: texts.join(parts.some(([name]) => name === 'json') ? '' : '&') }
}

function encodePart(text: string): string {
  const at = text.indexOf('=')
  return at < 0 ? encodeURIComponent(text) : `${text.slice(0, at)}${at > 0 ? '=' : ''}${encodeURIComponent(text.slice(at + 1))}`
}

function readPart(text: string, special: boolean): PartTemplate {
  const at = text.indexOf('=')
  if (at < 1) throw new SyntaxError(`"${text.slice(0, 40)}" is no form part`)
  const [value = '', ...attributes] = special ? text.slice(at + 1).split(';') : [text.slice(at + 1)]
  const type = attributes.find((attribute) => attribute.startsWith('type='))?.slice(5)
  const name = text.slice(0, at)
  const content = special && value.startsWith('@') ? { file: value.slice(1) } : { value }
  return { name, ...content, ...(type !== undefined && { type }) }
}
