/** The search: an index in the site itself, which needs no server. */
import type { DefaultTheme } from 'vitepress';

/**
 * Splits text into words, for the index and for what is typed into the search.
 *
 * Japanese has no spaces between words, so `Intl.Segmenter` finds them. Names such as `learningRate`, `RUN_TAKEN` and
 * `sudoku-4x4` are found as they are written and by their parts.
 *
 * VitePress sends the text of this function to the browser: it must not use anything from outside of itself.
 */
function tokenize(text: string): string[] {
  const japanese = /[\p{scx=Hira}\p{scx=Kana}\p{scx=Han}]/u;
  const segmenter = new Intl.Segmenter('ja', { granularity: 'word' });
  const words: string[] = [];
  for (const word of text.split(/[\s\p{Z}、。「」（）・：]+/u)) {
    if (japanese.test(word)) {
      for (const { segment, isWordLike } of segmenter.segment(word)) {
        if (isWordLike === true) words.push(segment);
      }
      continue;
    }
    const bare = word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '');
    if (bare === '') continue;
    const parts = bare.split(/[^\p{L}\p{N}]+|(?<=\p{Ll})(?=\p{Lu})/u).filter((part) => part !== '');
    words.push(bare, ...(parts.length > 1 ? parts : []));
  }
  return words;
}

export const search: NonNullable<DefaultTheme.Config['search']> = {
  provider: 'local',
  options: {
    detailedView: false,
    miniSearch: {
      options: { tokenize },
      searchOptions: {
        // Typing is forgiven in long words only; in short ones and in Japanese it would match anything.
        fuzzy: (term) => (term.length > 5 ? 0.2 : false),
        prefix: true,
        combineWith: 'AND',
        boost: { title: 4, titles: 2, text: 1 },
      },
    },
    locales: {
      ja: {
        translations: {
          button: { buttonText: '検索', buttonAriaLabel: '検索' },
          modal: {
            displayDetails: '詳細を表示',
            resetButtonTitle: '消去',
            backButtonTitle: '閉じる',
            noResultsText: '見つかりません:',
            footer: {
              selectText: '選択',
              selectKeyAriaLabel: 'Enter キー',
              navigateText: '移動',
              navigateUpKeyAriaLabel: '上矢印キー',
              navigateDownKeyAriaLabel: '下矢印キー',
              closeText: '閉じる',
              closeKeyAriaLabel: 'Esc キー',
            },
          },
        },
      },
    },
  },
};
