/** The value of a placeholder, or what is wrong with it. */
export interface Evaluated {
  readonly text: string
  readonly problem?: string
}

type Node = string | number | { readonly call: string; readonly args: readonly Node[] }

class TemplateError extends Error {}

const TOKEN = /\s*(?:("(?:[^"\\]|\\.)*")|`([^`]*)`|(\d+)|([A-Za-z_]\w*)|([|()]))/y

/**
 * Evaluates what stands between `${{` and `}}`: calls of `env`, `toBool`, `toInt`, `toFloat`, `indent`, with parentheses and pipes.
 * @param lookUp the value of a variable; tells by itself when there is none.
 */
export function evaluate(source: string, lookUp: (name: string) => string): Evaluated {
  const body = source.trim()
  if (/^\/\*[\s\S]*\*\/$/.test(body)) return { text: '' }
  try {
    return { text: run(parse(tokenize(body)), lookUp) }
  } catch (error) {
    if (error instanceof TemplateError) return { text: '', problem: error.message }
    throw error
  }
}

function tokenize(source: string): readonly (string | number | { readonly word: string })[] {
  const tokens: (string | number | { word: string })[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < source.trimEnd().length) {
    const at = TOKEN.lastIndex
    const match = TOKEN.exec(source)
    if (!match) throw new TemplateError(`cannot read the placeholder at "${source.slice(at, at + 20).trim()}"`)
    const [, quoted, raw, digits, word, sign] = match
    if (quoted !== undefined) tokens.push(unquote(quoted))
    else if (raw !== undefined) tokens.push(raw)
    else if (digits !== undefined) tokens.push(Number(digits))
    else tokens.push({ word: word ?? sign ?? '' })
  }
  return tokens
}

function unquote(text: string): string {
  try {
    return JSON.parse(text) as string
  } catch {
    throw new TemplateError(`cannot read the text ${text}`)
  }
}

/** pipeline = command { "|" command }; the value before a pipe is the last argument of the command behind it. */
function parse(tokens: ReturnType<typeof tokenize>): Node {
  let at = 0
  const sign = (word: string): boolean => {
    const token = tokens[at]
    if (typeof token !== 'object' || token.word !== word) return false
    at++
    return true
  }
  const operand = (): Node | undefined => {
    const token = tokens[at]
    if (token === undefined) return undefined
    if (typeof token !== 'object') {
      at++
      return token
    }
    if (token.word === '|' || token.word === ')') return undefined
    at++
    if (token.word !== '(') return { call: token.word, args: [] }
    const inner = pipeline()
    if (!sign(')')) throw new TemplateError('a parenthesis of the placeholder is not closed')
    return inner
  }
  const command = (piped: readonly Node[]): Node => {
    const first = operand()
    if (first === undefined) throw new TemplateError('the placeholder is empty')
    if (typeof first !== 'object' || first.args.length > 0) return first
    const args: Node[] = []
    for (let next = operand(); next !== undefined; next = operand()) args.push(next)
    return { call: first.call, args: [...args, ...piped] }
  }
  const pipeline = (): Node => {
    let node = command([])
    while (sign('|')) node = command([node])
    return node
  }
  const node = pipeline()
  if (at < tokens.length) throw new TemplateError('the placeholder has something left over')
  return node
}

const FUNCTIONS: Readonly<Record<string, (args: readonly string[]) => string>> = {
  toBool: ([value = '']) => {
    if (/^(?:1|t|T|TRUE|true|True)$/.test(value)) return 'true'
    if (/^(?:0|f|F|FALSE|false|False)$/.test(value)) return 'false'
    throw new TemplateError('toBool: the value is neither true nor false')
  },
  toInt: ([value = '']) => {
    if (!/^[+-]?\d+$/.test(value)) throw new TemplateError('toInt: the value is no integer')
    return String(BigInt(value))
  },
  toFloat: ([value = '']) => {
    if (value.trim() === '' || !Number.isFinite(Number(value))) throw new TemplateError('toFloat: the value is no number')
    return String(Number(value))
  },
  indent: ([spaces = '', value = '']) => value.replaceAll('\n', `\n${' '.repeat(Number(spaces))}`),
}
const ARITY: Readonly<Record<string, number>> = { env: 1, toBool: 1, toInt: 1, toFloat: 1, indent: 2 }

function run(node: Node, lookUp: (name: string) => string): string {
  if (typeof node !== 'object') return String(node)
  const wanted = Object.hasOwn(ARITY, node.call) ? ARITY[node.call] : undefined
  if (wanted === undefined) throw new TemplateError(`the placeholder calls ${node.call}, which decK does not know`)
  if (node.args.length !== wanted)
    throw new TemplateError(`${node.call} takes ${wanted} argument${wanted > 1 ? 's' : ''}, got ${node.args.length}`)
  const args = node.args.map((argument) => run(argument, lookUp))
  if (node.call === 'env') return lookUp(args[0] ?? '')
  // a variable that is missing was told already; converting nothing would only tell it twice
  if (args.at(-1) === '') return ''
  return (FUNCTIONS[node.call] as (args: readonly string[]) => string)(args)
}
