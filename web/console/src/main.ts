import { mount } from 'svelte';
import 'uplot/dist/uPlot.min.css';
import '../../shared/design/page.css';
import './console.css';
import App from './App.svelte';

const target = document.getElementById('app');
if (target) mount(App, { target });
