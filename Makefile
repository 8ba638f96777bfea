# 群站的全部命令。单独输入 make 列出它们；做事的是 deploy/launcher。
.DEFAULT_GOAL := help
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory

# 可用的变量，写在命令后或环境里：PORT VAR SITES DEMO PYTHON VENV DATABASE_URL DATABASE_WEB_URL ELASTICSEARCH_URL ES_ZIP CI
export PORT VAR SITES DEMO PYTHON VENV DATABASE_URL DATABASE_WEB_URL CI ES_ZIP CHROMIUM
# 空的 ELASTICSEARCH_URL 有含义（只用 PostgreSQL 引擎），没有给时不能导出。
ifneq ($(origin ELASTICSEARCH_URL),undefined)
export ELASTICSEARCH_URL
endif
# 有的终端自己带着 HOST 变量；只有写在 make 后面的才算数。
ifeq ($(origin HOST),command line)
export QUNZHAN_BIND := $(HOST)
endif

# 先用手边任何一个 Python 读引导脚本，由它找到 3.11 以上的那个。
FIRST_PYTHON := $(shell for p in "$(PYTHON)" python3 python3.13 python3.12 python3.11 python; do \
	if [ -n "$$p" ] && "$$p" -c "import sys; sys.exit(sys.version_info[0] != 3)" >/dev/null 2>&1; then echo "$$p"; break; fi; done)
LAUNCH = @if [ -z "$(FIRST_PYTHON)" ]; then echo "✗ 没有找到 Python；请先安装 Python 3.11 或更新版本。" >&2; exit 1; fi; \
	exec "$(FIRST_PYTHON)" deploy/launcher/bootstrap.py

.PHONY: help run manage stop test check flows bench bench-edge rebuild-index backup clean

help: ## 列出全部命令
	@echo "群站 Qunzhan。常用：make run，然后打开它印出的网址。"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
	@echo "变量：PORT=8000 HOST=127.0.0.1 VAR=var SITES=demo|province；其余见 deploy/README.md"

run: ## 装好并启动全部部分，前台运行，Ctrl-C 停止
	$(LAUNCH) run

manage: ## 对正在运行的群站执行管理命令：make manage ARGS="list_sites"
	$(LAUNCH) manage $(ARGS)

stop: ## 停止在这个数据文件夹上运行的一切，包括被强行终止后留下的
	$(LAUNCH) stop

test: ## 装好测试所需的一切，运行全部检查和测试；只跑一部分：make test ARGS=tests/search
	$(LAUNCH) test $(ARGS)

check: ## 代码检查：ruff、mypy、import-linter、djhtml、迁移、架构测试
	$(LAUNCH) check

flows: ## 只跑浏览器流程
	$(LAUNCH) flows $(ARGS)

bench: ## 量出性能数字，每行一个 JSON，存入 $VAR/bench
	$(LAUNCH) bench $(ARGS)

bench-edge: ## 量出页面存储的数字：nginx、程序前的一层、发布和撤回多快看到、一万次改动之后
	$(LAUNCH) bench pages edge_speed edge_lookup edge_fresh edge_turmoil $(ARGS)

rebuild-index: ## 对正在运行的群站重建检索索引，期间搜索不中断
	$(LAUNCH) manage search_rebuild

backup: ## 备份：每个站点一个文件，放在 $VAR/backup
	$(LAUNCH) backup

clean: ## 清除缓存、静态文件和测试用的服务；站群数据不动
	$(LAUNCH) clean
