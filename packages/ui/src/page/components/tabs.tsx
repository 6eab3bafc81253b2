interface TabsProps {
  readonly label: string;
  readonly tabs: readonly { readonly address: string; readonly title: string }[];
  /** Path of the page that is shown. */
  readonly current: string;
}

/** Links between the pages of one thing. */
export function Tabs({ label, tabs, current }: TabsProps) {
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map(({ address, title }) => (
        <a
          key={address}
          href={`#${address}`}
          aria-current={address === current ? 'page' : undefined}
        >
          {title}
        </a>
      ))}
    </nav>
  );
}
