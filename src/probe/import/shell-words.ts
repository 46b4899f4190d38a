const ANSI_C: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '0': '\0',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  e: '\x1b',
}

/**
 * The words of one POSIX shell command: single, double and `$'…'` quotes, backslashes, continued lines, `#` comments. Nothing is expanded.
 * @throws {SyntaxError} for an open quote.
 */
export function shellWords(text: string): string[] {
  const words: string[] = []
  let word: string | undefined
  let at = 0
  const add = (part: string): void => void (word = (word ?? '') + part)
  while (at < text.length) {
    const character = text[at] as string
    if (/\s/.test(character)) {
      if (word !== undefined) words.push(word)
      word = undefined
      at++
    } else if (character === '#' && word === undefined) {
      at = endOf(text, '\n', at)
    } else if (character === '\\') {
      if (text[at + 1] !== '\n' && text[at + 1] !== undefined) add(text[at + 1] as string)
      at += 2
    } else if (character === "'") {
      const end = closing(text, "'", at + 1)
      add(text.slice(at + 1, end))
      at = end + 1
    } else if (character === '$' && text[at + 1] === "'") {
      const { value, end } = readAnsiC(text, at + 2)
      add(value)
      at = end
    } else if (character === '"') {
      const { value, end } = readDouble(text, at + 1)
      add(value)
      at = end
    } else {
      add(character)
      at++
    }
  }
  if (word !== undefined) words.push(word)
  return words
}

/** The commands of a script: a line each, unless continued by a backslash or inside quotes. Blank lines and comments are left out. */
export function shellCommands(text: string): { readonly command: string; readonly line: number }[] {
  const commands: { command: string; line: number }[] = []
  let pending = ''
  let start = 0
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (pending === '') {
      if (/^\s*(#.*)?$/.test(line)) continue
      start = index + 1
    }
    pending += (pending === '' ? '' : '\n') + line
    if (/(^|[^\\])(\\\\)*\\$/.test(line) || !isComplete(pending)) continue
    commands.push({ command: pending, line: start })
    pending = ''
  }
  if (pending !== '') commands.push({ command: pending, line: start })
  return commands
}

function isComplete(text: string): boolean {
  try {
    shellWords(text)
    return true
  } catch {
    return false
  }
}

function readDouble(text: string, start: number): { value: string; end: number } {
  let value = ''
  for (let at = start; at < text.length; at++) {
    const character = text[at] as string
    if (character === '"') return { value, end: at + 1 }
    if (character !== '\\') value += character
    else if (text[++at] !== '\n') value += /[$`"\\]/.test(text[at] ?? '') ? text[at] : `\\${text[at] ?? ''}`
  }
  throw new SyntaxError('a " is never closed')
}

function readAnsiC(text: string, start: number): { value: string; end: number } {
  let value = ''
  for (let at = start; at < text.length; at++) {
    const character = text[at] as string
    if (character === "'") return { value, end: at + 1 }
    if (character !== '\\') {
      value += character
      continue
    }
    const code = /^(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4}))/.exec(text.slice(at + 1, at + 6))
    if (code) {
      value += String.fromCodePoint(parseInt(code[1] ?? code[2] ?? '', 16))
      at += code[0].length
    } else {
      at++
      value += ANSI_C[text[at] ?? ''] ?? `\\${text[at] ?? ''}`
    }
  }
  throw new SyntaxError("a $' is never closed")
}

function closing(text: string, quote: string, from: number): number {
  const end = text.indexOf(quote, from)
  if (end < 0) throw new SyntaxError(`a ${quote} is never closed`)
  return end
}

const endOf = (text: string, mark: string, from: number): number => {
  const end = text.indexOf(mark, from)
  return end < 0 ? text.length : end
}
