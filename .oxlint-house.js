/** Rules of the house that no built-in rule covers: what a file may not contain, as selectors. */
const forbid = (selector, message) => ({
  create: (context) => ({ [selector]: (node) => context.report({ node, message }) }),
});

const openingSentence = {
  create: (context) => ({
    Program: (node) => {
      const [first] = context.sourceCode.getAllComments();
      if (first?.range[0] !== 0 || !first.value.startsWith('*')) {
        context.report({
          loc: { line: 1, column: 0 },
          message: 'A file opens with one sentence that says what it is.',
          node,
        });
      }
    },
  }),
};

export default {
  meta: { name: 'house' },
  rules: {
    'opening-sentence': openingSentence,
    'no-enum': forbid('TSEnumDeclaration', 'A union of strings says the same without code.'),
    'classes-are-errors': forbid(
      'ClassExpression, ClassDeclaration:not([superClass.name=/Error$/])',
      'Classes are for errors. A factory returns a plain object.',
    ),
    'no-abort-timeout': forbid(
      'MemberExpression[object.name="AbortSignal"][property.name="timeout"]',
      'In hidden tabs AbortSignal.timeout is aligned to the minute.',
    ),
    'no-date-of-today': forbid(
      'NewExpression[callee.name="Date"][arguments.length=0], CallExpression[callee.name="Date"]',
      'The core is told the time.',
    ),
    'no-global-object': forbid(
      'MemberExpression[object.name=/^(globalThis|self|window|global)$/]',
      'The core knows no page: take a port.',
    ),
  },
};
