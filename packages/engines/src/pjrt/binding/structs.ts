/**
 * The argument structs of the PJRT calls that Eddy makes, field by field as in `pjrt_c_api.h`.
 *
 * PJRT only ever appends fields, and each side says by `struct_size` which ones it knows, so these
 * serve older and newer plugins alike.
 *
 * @source openxla/xla xla/pjrt/c/pjrt_c_api.h, API version 0.81
 */
import { StructLayout } from './struct-layout.ts';

export const STRUCTS = {
  PJRT_Error_Destroy: new StructLayout('PJRT_Error_Destroy_Args', { error: 'pointer' }),
  PJRT_Error_Message: new StructLayout('PJRT_Error_Message_Args', {
    error: 'pointer',
    message: 'pointer',
    message_size: 'size',
  }),
  PJRT_Error_GetCode: new StructLayout('PJRT_Error_GetCode_Args', {
    error: 'pointer',
    code: 'int32',
  }),

  PJRT_Plugin_Initialize: new StructLayout('PJRT_Plugin_Initialize_Args', {}),

  PJRT_Event_Destroy: new StructLayout('PJRT_Event_Destroy_Args', { event: 'pointer' }),
  PJRT_Event_IsReady: new StructLayout('PJRT_Event_IsReady_Args', {
    event: 'pointer',
    is_ready: 'bool',
  }),
  PJRT_Event_Await: new StructLayout('PJRT_Event_Await_Args', { event: 'pointer' }),

  PJRT_Client_Create: new StructLayout('PJRT_Client_Create_Args', {
    create_options: 'pointer',
    num_options: 'size',
    kv_get_callback: 'pointer',
    kv_get_user_arg: 'pointer',
    kv_put_callback: 'pointer',
    kv_put_user_arg: 'pointer',
    client: 'pointer',
    kv_try_get_callback: 'pointer',
    kv_try_get_user_arg: 'pointer',
  }),
  PJRT_Client_PlatformName: new StructLayout('PJRT_Client_PlatformName_Args', {
    client: 'pointer',
    platform_name: 'pointer',
    platform_name_size: 'size',
  }),
  PJRT_Client_PlatformVersion: new StructLayout('PJRT_Client_PlatformVersion_Args', {
    client: 'pointer',
    platform_version: 'pointer',
    platform_version_size: 'size',
  }),
  PJRT_Client_AddressableDevices: new StructLayout('PJRT_Client_AddressableDevices_Args', {
    client: 'pointer',
    addressable_devices: 'pointer',
    num_addressable_devices: 'size',
  }),
  PJRT_Client_Compile: new StructLayout('PJRT_Client_Compile_Args', {
    client: 'pointer',
    program: 'pointer',
    compile_options: 'pointer',
    compile_options_size: 'size',
    executable: 'pointer',
  }),
  PJRT_Client_BufferFromHostBuffer: new StructLayout('PJRT_Client_BufferFromHostBuffer_Args', {
    client: 'pointer',
    data: 'pointer',
    type: 'int32',
    dims: 'pointer',
    num_dims: 'size',
    byte_strides: 'pointer',
    num_byte_strides: 'size',
    host_buffer_semantics: 'int32',
    device: 'pointer',
    memory: 'pointer',
    device_layout: 'pointer',
    done_with_host_buffer: 'pointer',
    buffer: 'pointer',
  }),

  PJRT_Device_GetDescription: new StructLayout('PJRT_Device_GetDescription_Args', {
    device: 'pointer',
    device_description: 'pointer',
  }),
  PJRT_Device_DefaultMemory: new StructLayout('PJRT_Device_DefaultMemory_Args', {
    device: 'pointer',
    memory: 'pointer',
  }),
  PJRT_Device_MemoryStats: new StructLayout('PJRT_Device_MemoryStats_Args', {
    device: 'pointer',
    bytes_in_use: 'int64',
    peak_bytes_in_use: 'int64',
    peak_bytes_in_use_is_set: 'bool',
    num_allocs: 'int64',
    num_allocs_is_set: 'bool',
    largest_alloc_size: 'int64',
    largest_alloc_size_is_set: 'bool',
    bytes_limit: 'int64',
    bytes_limit_is_set: 'bool',
    bytes_reserved: 'int64',
    bytes_reserved_is_set: 'bool',
    peak_bytes_reserved: 'int64',
    peak_bytes_reserved_is_set: 'bool',
    bytes_reservable_limit: 'int64',
    bytes_reservable_limit_is_set: 'bool',
    largest_free_block_bytes: 'int64',
    largest_free_block_bytes_is_set: 'bool',
    pool_bytes: 'int64',
    pool_bytes_is_set: 'bool',
    peak_pool_bytes: 'int64',
    peak_pool_bytes_is_set: 'bool',
  }),
  PJRT_DeviceDescription_Attributes: new StructLayout('PJRT_DeviceDescription_Attributes_Args', {
    device_description: 'pointer',
    num_attributes: 'size',
    attributes: 'pointer',
  }),
  PJRT_DeviceDescription_Kind: new StructLayout('PJRT_DeviceDescription_Kind_Args', {
    device_description: 'pointer',
    device_kind: 'pointer',
    device_kind_size: 'size',
  }),

  PJRT_Executable_Destroy: new StructLayout('PJRT_Executable_Destroy_Args', {
    executable: 'pointer',
  }),
  PJRT_Executable_NumOutputs: new StructLayout('PJRT_Executable_NumOutputs_Args', {
    executable: 'pointer',
    num_outputs: 'size',
  }),
  PJRT_Executable_Serialize: new StructLayout('PJRT_Executable_Serialize_Args', {
    executable: 'pointer',
    serialized_bytes: 'pointer',
    serialized_bytes_size: 'size',
    serialized_executable: 'pointer',
    serialized_executable_deleter: 'pointer',
  }),
  PJRT_Executable_GetCompiledMemoryStats: new StructLayout(
    'PJRT_Executable_GetCompiledMemoryStats_Args',
    {
      executable: 'pointer',
      generated_code_size_in_bytes: 'int64',
      argument_size_in_bytes: 'int64',
      output_size_in_bytes: 'int64',
      alias_size_in_bytes: 'int64',
      temp_size_in_bytes: 'int64',
      host_generated_code_size_in_bytes: 'int64',
      host_argument_size_in_bytes: 'int64',
      host_output_size_in_bytes: 'int64',
      host_alias_size_in_bytes: 'int64',
      host_temp_size_in_bytes: 'int64',
      peak_memory_in_bytes: 'int64',
    },
  ),
  PJRT_LoadedExecutable_Destroy: new StructLayout('PJRT_LoadedExecutable_Destroy_Args', {
    executable: 'pointer',
  }),
  PJRT_LoadedExecutable_GetExecutable: new StructLayout(
    'PJRT_LoadedExecutable_GetExecutable_Args',
    {
      loaded_executable: 'pointer',
      executable: 'pointer',
    },
  ),
  PJRT_LoadedExecutable_Execute: new StructLayout('PJRT_LoadedExecutable_Execute_Args', {
    executable: 'pointer',
    options: 'pointer',
    argument_lists: 'pointer',
    num_devices: 'size',
    num_args: 'size',
    output_lists: 'pointer',
    device_complete_events: 'pointer',
    execute_device: 'pointer',
  }),
  PJRT_Executable_DeserializeAndLoad: new StructLayout('PJRT_Executable_DeserializeAndLoad_Args', {
    client: 'pointer',
    serialized_executable: 'pointer',
    serialized_executable_size: 'size',
    loaded_executable: 'pointer',
    overridden_serialized_compile_options: 'pointer',
    overridden_serialized_compile_options_size: 'size',
  }),

  PJRT_TopologyDescription_Create: new StructLayout('PJRT_TopologyDescription_Create_Args', {
    topology_name: 'pointer',
    topology_name_size: 'size',
    create_options: 'pointer',
    num_options: 'size',
    topology: 'pointer',
  }),
  PJRT_TopologyDescription_PlatformName: new StructLayout(
    'PJRT_TopologyDescription_PlatformName_Args',
    { topology: 'pointer', platform_name: 'pointer', platform_name_size: 'size' },
  ),
  PJRT_TopologyDescription_PlatformVersion: new StructLayout(
    'PJRT_TopologyDescription_PlatformVersion_Args',
    { topology: 'pointer', platform_version: 'pointer', platform_version_size: 'size' },
  ),
  PJRT_Compile: new StructLayout('PJRT_Compile_Args', {
    topology: 'pointer',
    program: 'pointer',
    compile_options: 'pointer',
    compile_options_size: 'size',
    client: 'pointer',
    executable: 'pointer',
  }),

  PJRT_Buffer_Destroy: new StructLayout('PJRT_Buffer_Destroy_Args', { buffer: 'pointer' }),
  PJRT_Buffer_CopyToMemory: new StructLayout('PJRT_Buffer_CopyToMemory_Args', {
    buffer: 'pointer',
    dst_memory: 'pointer',
    dst_buffer: 'pointer',
  }),
  PJRT_Buffer_ToHostBuffer: new StructLayout('PJRT_Buffer_ToHostBuffer_Args', {
    src: 'pointer',
    host_layout: 'pointer',
    dst: 'pointer',
    dst_size: 'size',
    event: 'pointer',
  }),
};

/** Structs that are pointed to by arguments, not arguments themselves. */
export const PROGRAM = new StructLayout('PJRT_Program', {
  code: 'pointer',
  code_size: 'size',
  format: 'pointer',
  format_size: 'size',
});

export const EXECUTE_OPTIONS = new StructLayout('PJRT_ExecuteOptions', {
  send_callbacks: 'pointer',
  recv_callbacks: 'pointer',
  num_send_ops: 'size',
  num_recv_ops: 'size',
  launch_id: 'int32',
  non_donatable_input_indices: 'pointer',
  num_non_donatable_input_indices: 'size',
  context: 'pointer',
  call_location: 'pointer',
  num_tasks: 'size',
  task_ids: 'pointer',
  incarnation_ids: 'pointer',
});

export type FunctionName = keyof typeof STRUCTS;
