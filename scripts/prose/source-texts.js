/**
 * The texts of a TypeScript or JavaScript file that a person reads: docstrings, and strings with at least three words
 * (error texts, help, option descriptions, warnings).
 */
import ts from 'typescript';

/** Strings of HTML, CSS and shell scripts. */
const CODE = /<!doctype|\{[\w-]+:|\(\)\s*\{/u;

/**
 * @typedef {{ kind: 'docstring' | 'string', line: number, name: string, isExported: boolean, text: string }} SourceText
 * `name` is the name that a docstring documents, or the property or function that a string is given to.
 */

/**
 * Lists the texts in the order of the file. Placeholders of templates read `…`.
 *
 * @param {string} path
 * @param {string} content
 * @returns {SourceText[]}
 */
export function sourceTexts(path, content) {
  const kind = /\.[jt]sx$/u.test(path) ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const file = ts.createSourceFile(path, content, ts.ScriptTarget.Latest, true, kind);
  /** @type {SourceText[]} */
  const texts = [];
  const docstrings = new Set();
  visit(file);
  return texts;

  /** @param {ts.Node} node */
  function visit(node) {
    for (const comment of ts.getJSDocCommentsAndTags(node)) {
      if (!ts.isJSDoc(comment) || docstrings.has(comment.pos)) continue;
      docstrings.add(comment.pos);
      const text = ts.getTextOfJSDocComment(comment.comment);
      if (!text) continue;
      const name = nameOf(node);
      add('docstring', comment, name, name !== '' && isPublic(node), text);
    }
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) {
      addString(node, node.text);
    } else if (ts.isTemplateExpression(node)) {
      const parts = node.templateSpans.map((span) => span.literal.text);
      addString(node, [node.head.text, ...parts].join('…'));
    }
    ts.forEachChild(node, visit);
  }

  /** @param {ts.Node} node @param {string} text */
  function addString(node, text) {
    if (text.trim().split(/\s+/u).length < 3 || CODE.test(text)) return;
    if (ts.isImportDeclaration(node.parent) || ts.isExportDeclaration(node.parent)) return;
    add('string', node, receiverOf(node), false, text);
  }

  /**
   * @param {SourceText['kind']} kind
   * @param {ts.Node} node
   * @param {string} name
   * @param {boolean} isExported
   * @param {string} text
   */
  function add(kind, node, name, isExported, text) {
    const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
    texts.push({ kind, line, name, isExported, text });
  }
}

/** @param {ts.Node} node */
function nameOf(node) {
  const named = /** @type {{ name?: ts.Node }} */ (/** @type {unknown} */ (node)).name;
  if (named) return named.getText();
  if (ts.isVariableStatement(node))
    return node.declarationList.declarations[0]?.name.getText() ?? '';
  return '';
}

/** True if the node, or every declaration around it, is exported. @param {ts.Node} node @returns {boolean} */
function isPublic(node) {
  if (ts.isSourceFile(node)) return true;
  if (ts.isFunctionLike(node.parent) || ts.isBlock(node.parent)) return false;
  const flags = ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []) : [];
  if (flags.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword)) return false;
  if (ts.isSourceFile(node.parent)) {
    return flags.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
  }
  return isPublic(node.parent);
}

/** The property, variable or function that a string is given to. @param {ts.Node} node @returns {string} */
function receiverOf(node) {
  for (let at = node.parent; !ts.isSourceFile(at); at = at.parent) {
    if (ts.isPropertyAssignment(at) || ts.isVariableDeclaration(at)) return at.name.getText();
    if (ts.isCallExpression(at) || ts.isNewExpression(at)) {
      const called = at.expression;
      return ts.isPropertyAccessExpression(called) ? called.name.text : called.getText();
    }
    if (ts.isFunctionDeclaration(at)) return at.name?.text ?? '';
  }
  return '';
}
