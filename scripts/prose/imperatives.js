/** Verbs that a commit title may begin with. */
export const IMPERATIVES = new Set(
  `
  abort accept adapt add adjust admit adopt align allow announce answer append apply arrange ask assert attach average
  avoid back backport balance batch begin benchmark bind bound break bring build bump bundle cache call cancel cap carry
  cast catch change check choose clarify clean clear close collect color combine compare compile complete compose
  compress compute configure confirm connect consider constrain convert copy correct count cover create cut damage debounce
  declare decode decouple default defer define delay delete deliver deprecate derive describe detach detect deduplicate
  disable discard disconnect display distinguish distribute divide document downgrade download drain draw drop dump
  edit embed emit empty enable encode end enforce ensure escape estimate evaluate exclude exit expand expect explain
  export expose extend extract fail fall fetch fill filter finish fit fix flag flatten flush fold follow forbid force
  forget fork format forward freeze fuse fuzz gather generate get give group guard guess halt handle harden hash hide
  hold hoist honor honour ignore implement import improve include increase index infer inform inline insert install
  interrupt introduce invalidate isolate join judge keep kill label launch lay lead leave let lift limit link lint list
  listen load lock log look loosen lower make map mark mask match measure mend mention merge migrate minimize mirror
  mock modernize move mute name narrow negotiate normalize note notice number observe offer omit open optimize order
  pack pad parallelize parse pass patch permit persist pin place plan play point poll pool port prefer prepare preserve
  prevent print probe profile prohibit project protect prove provide prune publish pull push put quantize query quote
  raise randomize rank read rebuild recognize recommend recompute reconnect record recover redraw reduce refactor refer
  refine reflect reformat refresh refuse regenerate register reject relax release reload rely remember remove rename
  render reorder repair repeat replace replay report reproduce request require reset reshape resolve respect restart
  restore restrict resume retry return reuse revert review revise rewrite rework roll rotate round route run sample
  sanitize save say scale scan schedule search seed select send separate serialize serve set settle shard share shorten
  show shrink shut sign signal silence simplify simulate skip slice smooth snapshot soften sort specify speed spell
  split squash stabilize start state stop store stream strengthen stretch strip subtract suggest sum supply support
  survive suspend swap sweep switch sync synchronize take teach tell terminate test throttle throw tidy tie tighten time
  tolerate trace track train transfer transform translate transpose treat trigger trim truncate trust try tune turn
  type uncover undo unify uninstall unpack unpin unregister unwrap update upgrade upload use validate vendor verify view
  visit wait wake walk warm warn watch weigh widen wire withdraw wrap write
  `
    .trim()
    .split(/\s+/u),
);
