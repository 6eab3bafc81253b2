/** VitePress' own theme, in the colours of Eddy. */
import DefaultTheme from 'vitepress/theme';

import './style.css';

export default DefaultTheme;
