"""What an administrator's script does, with authentik's published Python client as it comes from PyPI.

    python story.py ORIGIN TOKEN_FILE CALLBACK

Makes a group, a user, a sign-in flow with stages, bindings and policies, an OAuth2 provider and an application;
pages, searches, patches, deletes, reads events. Prints what a relying party needs to know as JSON.
"""

import json
import pathlib
import secrets
import sys

import authentik_client as ak


def pages(listing, **query):
    """Everything that a list holds, page by page."""
    found, page = [], 1
    while page:
        answer = listing(page=page, page_size=2, **query)
        found += answer.results
        page = int(answer.pagination.next)
    assert len(found) == answer.pagination.count
    return found


def people(api):
    core = ak.CoreApi(api)
    group = core.core_groups_create(ak.GroupRequest(name="Python readers", attributes={"shelf": 7}))
    password = secrets.token_urlsafe(18)
    user = core.core_users_create(
        ak.UserRequest(username="python-ada", name="Ada Python", email="ada@example.com", groups=[group.pk])
    )
    core.core_users_set_password_create(user.pk, ak.UserPasswordSetRequest(password=password))
    assert core.core_users_retrieve(user.pk).groups_obj[0].name == "Python readers"
    assert core.core_groups_retrieve(group.pk).users == [user.pk]
    for number in range(5):
        core.core_users_create(ak.UserRequest(username=f"python-extra-{number}", name="Extra"))
    names = [found.username for found in pages(core.core_users_list, search="python-extra", ordering="username")]
    assert names == [f"python-extra-{number}" for number in range(5)], names
    for found in pages(core.core_users_list, search="python-extra"):
        core.core_users_destroy(found.pk)
    assert core.core_users_list(search="python-extra").pagination.count == 0
    changed = core.core_users_partial_update(user.pk, ak.PatchedUserRequest(name="Ada L. Python"))
    assert (changed.name, changed.email) == ("Ada L. Python", "ada@example.com")
    assert core.core_users_me_retrieve().user.is_superuser
    return group, user, password


def questions(api, group, user):
    """What lists are asked beyond a search."""
    core = ak.CoreApi(api)
    names = lambda **query: [found.username for found in core.core_users_list(**query).results]
    assert names(groups_by_pk=[str(group.pk)]) == ["python-ada"]
    assert names(groups_by_name=["Python readers"], is_superuser=False) == ["python-ada"]
    assert names(path_startswith="users", search="python-ada") == ["python-ada"]
    listed = core.core_groups_list(members_by_pk=[user.pk], include_users=True).results
    assert [(found.name, found.users) for found in listed] == [("Python readers", [user.pk])]
    assert listed[0].inherited_roles_obj == []
    schedules = ak.TasksApi(api).tasks_schedules_list().results
    assert schedules and all(schedule.crontab for schedule in schedules)
    ak.TasksApi(api).tasks_schedules_send_create(schedules[0].id)


def roles(api):
    """A role whose holders see what they make."""
    rbac = ak.RbacApi(api)
    role = rbac.rbac_roles_create(ak.RoleRequest(name="Python makers"))
    seen = rbac.rbac_permissions_list(codename="view_group").results[0]
    initial = rbac.rbac_initial_permissions_create(
        ak.InitialPermissionsRequest(name="python-own-groups", role=role.pk, permissions=[seen.id])
    )
    assert initial.permissions_obj[0].codename == "view_group"
    assert rbac.rbac_initial_permissions_retrieve(initial.pk).permissions == [seen.id]
    changed = rbac.rbac_initial_permissions_partial_update(
        initial.pk, ak.PatchedInitialPermissionsRequest(name="python-groups")
    )
    assert (changed.name, changed.permissions) == ("python-groups", [seen.id])
    rbac.rbac_initial_permissions_destroy(initial.pk)
    rbac.rbac_roles_destroy(role.pk)


def flow(api, group):
    flows, stages, policies = ak.FlowsApi(api), ak.StagesApi(api), ak.PoliciesApi(api)
    made = flows.flows_instances_create(
        ak.FlowRequest(
            name="Python sign-in",
            slug="python-sign-in",
            title="Sign in with Python",
            designation=ak.FlowDesignationEnum.AUTHENTICATION,
        )
    )
    password = stages.stages_password_create(
        ak.PasswordStageRequest(
            name="python-password",
            backends=[ak.BackendsEnum.AUTHENTIK_DOT_CORE_DOT_AUTH_DOT_INBUILT_BACKEND],
        )
    )
    identification = stages.stages_identification_create(
        ak.IdentificationStageRequest(
            name="python-identification",
            user_fields=[ak.UserFieldsEnum.USERNAME],
            password_stage=password.pk,
        )
    )
    login = stages.stages_user_login_create(ak.UserLoginStageRequest(name="python-login"))
    bindings = [
        flows.flows_bindings_create(ak.FlowStageBindingRequest(target=made.pk, stage=stage.pk, order=order))
        for order, stage in enumerate([identification, login])
    ]
    policy = policies.policies_expression_create(
        ak.ExpressionPolicyRequest(name="python-everybody", expression="return True")
    )
    policies.policies_bindings_create(
        ak.PolicyBindingRequest(policy=policy.pk, target=bindings[1].policybindingmodel_ptr_id, order=0)
    )
    policies.policies_bindings_create(
        ak.PolicyBindingRequest(group=group.pk, target=made.policybindingmodel_ptr_id, order=0)
    )
    bound = flows.flows_bindings_list(target=made.pk, ordering="order").results
    assert [binding.stage_obj.name for binding in bound] == ["python-identification", "python-login"]
    assert {stage.name for stage in pages(stages.stages_all_list, search="python-")} == {
        "python-password",
        "python-identification",
        "python-login",
    }
    listed = policies.policies_bindings_list(target=made.policybindingmodel_ptr_id).results
    assert [binding.group_obj.name for binding in listed] == ["Python readers"]
    # The application's own policies decide; this flow was made to be looked at and is taken down again.
    flows.flows_instances_destroy("python-sign-in")
    assert flows.flows_instances_list(search="python-sign-in").pagination.count == 0
    for stage in (identification, password, login):
        stages.stages_all_destroy(stage.pk)
    return policy


def application(api, group, callback):
    core, flows, providers = ak.CoreApi(api), ak.FlowsApi(api), ak.ProvidersApi(api)
    mappings = ak.PropertymappingsApi(api).propertymappings_provider_scope_list(page_size=100).results
    wanted = {"openid", "profile", "email"}
    provider = providers.providers_oauth2_create(
        ak.OAuth2ProviderRequest(
            name="python-provider",
            authorization_flow=flows.flows_instances_retrieve("default-provider-authorization-implicit-consent").pk,
            invalidation_flow=flows.flows_instances_retrieve("default-provider-invalidation-flow").pk,
            redirect_uris=[ak.RedirectURIRequest(matching_mode=ak.MatchingModeEnum.STRICT, url=callback)],
            property_mappings=[mapping.pk for mapping in mappings if mapping.scope_name in wanted],
        )
    )
    made = core.core_applications_create(
        ak.ApplicationRequest(name="Python application", slug="python-application", provider=provider.pk)
    )
    ak.PoliciesApi(api).policies_bindings_create(ak.PolicyBindingRequest(group=group.pk, target=made.pk, order=0))
    changed = core.core_applications_partial_update(
        "python-application", ak.PatchedApplicationRequest(meta_description="Made by a script")
    )
    assert changed.provider == provider.pk and changed.provider_obj.name == "python-provider"
    assert providers.providers_all_list(search="python-provider").results[0].pk == provider.pk
    return provider


def refusals(api, origin):
    core = ak.CoreApi(api)
    try:
        core.core_groups_create(ak.GroupRequest(name="Python readers"))
    except ak.ApiException as error:
        assert error.status == 400 and "name" in json.loads(error.body), error.body
    else:
        raise AssertionError("two groups of one name")
    with ak.ApiClient(ak.Configuration(host=f"{origin}/api/v3", access_token="nonsense")) as nobody:
        try:
            ak.CoreApi(nobody).core_users_list()
        except ak.ApiException as error:
            assert error.status in (401, 403), error.status
        else:
            raise AssertionError("nonsense is no token")


def main(origin, token_file, callback):
    token = pathlib.Path(token_file).read_text().strip()
    with ak.ApiClient(ak.Configuration(host=f"{origin}/api/v3", access_token=token)) as api:
        group, user, password = people(api)
        questions(api, group, user)
        roles(api)
        flow(api, group)
        provider = application(api, group, callback)
        refusals(api, origin)
        events = ak.EventsApi(api).events_events_list(action="model_created", ordering="-created", page_size=5)
        assert events.results and events.results[0].action.value == "model_created"
        made = {
            "slug": "python-application",
            "client_id": provider.client_id,
            "client_secret": provider.client_secret,
            "username": user.username,
            "password": password,
        }
    json.dump(made, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
